"""Who approved, read from what an approve step puts out as its decisions.

AWS describes them as "a JSON map that includes the approval decision of each approver" and shows no
example. So the members' names are not relied on: a decision is an object, or an entry of an object keyed
by ARN, that holds exactly one principal and says it approves. Whatever else it is, nobody has approved.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from lambdas.domain.approval.persons import Principal, parse_principal

_APPROVING = frozenset({"approve", "approved"})
_REJECTING = frozenset({"deny", "denied", "reject", "rejected", "revoke", "revoked"})

Decision = Sequence[str]


class UnclearDecisions(Exception):
    """When decisions cannot be read as approvals by somebody in particular."""


def approvers(texts: Sequence[str]) -> tuple[Principal, ...]:
    """Return who approved, at least one; raises UnclearDecisions."""
    found = tuple(_approver(decision) for text in texts for decision in _decisions(_parsed(text)))
    if not found:
        raise UnclearDecisions("no decision is there")
    return found


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnclearDecisions("a decision is not JSON") from error


def _decisions(value: object) -> Iterator[Decision]:
    """Return the texts of each decision in a JSON value."""
    match value:
        case list():
            for item in value:
                yield from _decisions(item)
        case dict() if value and all(parse_principal(key) for key in value):
            for arn, decision in value.items():
                yield [arn, *_texts(decision)]
        case dict():
            yield _texts(value)
        case _:
            raise UnclearDecisions("a decision is not an object")


def _texts(decision: object) -> list[str]:
    members = decision.values() if isinstance(decision, Mapping) else [decision]
    return [member for member in members if isinstance(member, str)]


def _approver(decision: Decision) -> Principal:
    words = {text.strip().casefold() for text in decision}
    if not words & _APPROVING or words & _REJECTING:
        raise UnclearDecisions("a decision does not approve")
    principals = [principal for text in decision if (principal := parse_principal(text.strip()))]
    if len(principals) != 1:
        raise UnclearDecisions("a decision names no user or role, or several")
    return principals[0]
