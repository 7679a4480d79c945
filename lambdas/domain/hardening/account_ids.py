"""Finding an account id where AWS does not document its place."""

from collections.abc import Iterator, Mapping

from lambdas.domain.accounts import AccountId, parse_account_id
from lambdas.domain.event_fields import Fields, MalformedEvent


def only_account_id(detail: Fields, *places: str) -> AccountId:
    """Return the one accountId in the first of the places that has any; raises MalformedEvent."""
    for place in places:
        fields = detail.optional_object(place)
        found = set(_account_ids_in(fields.value)) if fields else set()
        if len(found) == 1:
            return parse_account_id(found.pop(), f"{detail.path}.{place}.accountId")
        if found:
            raise MalformedEvent(f"detail.{place}", "one accountId", ", ".join(sorted(found)))
    raise MalformedEvent(f"detail.{places[0]}.accountId", "an account id", None)


def _account_ids_in(value: object, depth: int = 3) -> Iterator[str]:
    if not isinstance(value, Mapping) or depth == 0:
        return
    for name, found in value.items():
        if name == "accountId" and isinstance(found, str):
            yield found
        else:
            yield from _account_ids_in(found, depth - 1)
