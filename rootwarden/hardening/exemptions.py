"""Which account an event is about, and whether it is exempt."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from rootwarden.accounts import Account, AccountId
from rootwarden.contract.exemptions import Exemption
from rootwarden.event_fields import Fields, MalformedEvent

_PLACES = ("serviceEventDetails", "requestParameters", "responseElements", "additionalEventData")
# Organizations also writes arn:aws:organizations::111122223333:account/o-aa111bb222/444455556666.
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:organizations::[0-9]{12}:account/o-[a-z0-9]+/)?([0-9]{12})")
# A linked account in GovCloud is in another partition, and never in this organization.
_NOT_OURS = "govCloudAccountId"


def only_account_id(detail: Fields, management: AccountId) -> AccountId:
    """Return the one account an event names, under any key and at any depth; raises MalformedEvent.

    The management account counts only where it alone is named, as `accountId`: it also joins the
    organization that it creates. Numbers do not count: they would have lost their leading zeros.
    """
    for place in _PLACES:
        fields = detail.optional_object(place)
        named = set(_named_in(fields.value)) if fields else set()
        found = {account for _, account in named} - {management}
        if len(found) == 1:
            return AccountId(found.pop())
        if found:
            raise MalformedEvent(f"detail.{place}", "one account id", ", ".join(sorted(found)))
        if ("accountId", management) in named:
            return management
    raise MalformedEvent(f"detail.{_PLACES[0]}.accountId", "an account id", None)


def _named_in(value: object) -> Iterator[tuple[str, str]]:
    left: list[tuple[str, object]] = [("", value)]
    while left:
        key, found = left.pop()
        if isinstance(found, Mapping):
            left += [(name, inner) for name, inner in found.items() if name != _NOT_OURS]
        elif isinstance(found, list):
            left += [(key, inner) for inner in found]
        elif isinstance(found, str) and (match := _ACCOUNT.fullmatch(found)):
            yield key, match[1]


def find_exemption(exemptions: Iterable[Exemption], account: Account, today: date) -> Exemption | None:
    """Return the exemption that covers the account and lasts longest, if any does."""
    covering = [exemption for exemption in exemptions if exemption.covers(account, today)]
    return max(covering, key=lambda exemption: exemption.until, default=None)
