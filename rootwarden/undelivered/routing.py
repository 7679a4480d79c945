"""Which queue of the hub an undelivered event belongs on, by the rules of the bus."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rootwarden.accounts import AccountId
from rootwarden.event_fields import Fields, MalformedEvent


class UnknownOperator(Exception):
    """When a pattern compares in a way that is not known here, so that nothing can be said of it."""


def takes(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Say whether a pattern takes an event; raises UnknownOperator."""
    return all(_holds(name, wanted, event) for name, wanted in pattern.items())


def _holds(name: str, wanted: Any, event: Mapping[str, Any]) -> bool:
    if name == "$or":
        return any(takes(choice, event) for choice in wanted)
    found = event.get(name)
    items = found if isinstance(found, list) else [found] if name in event else []
    if isinstance(wanted, Mapping):
        objects = [item for item in items if isinstance(item, Mapping)]
        # Where nothing stands, a pattern may still ask that nothing does.
        return any(takes(wanted, item) for item in objects or [{}])
    leaves = [item for item in items if not isinstance(item, Mapping)]
    return any(_matches(matcher, leaves) for matcher in wanted)


def _matches(matcher: Any, leaves: list[Any]) -> bool:
    if not isinstance(matcher, Mapping):
        return any(_equal(matcher, leaf) for leaf in leaves)
    [(operator, operand)] = matcher.items()
    if operator == "exists":
        return bool(leaves) is operand
    compare = _comparison(operator, operand)
    return any(compare(leaf) for leaf in leaves)


def _comparison(operator: str, operand: Any) -> Callable[[Any], bool]:
    if operator == "anything-but":
        if isinstance(operand, Mapping):
            [(inner, given)] = operand.items()
            excluded = _comparison(inner, given)
            return lambda leaf: not excluded(leaf)
        return lambda leaf: not any(_equal(each, leaf) for each in _listed(operand))
    if operator not in _OF_TEXTS:
        raise UnknownOperator(f"a rule compares by {operator}, which this version cannot")
    compare = _OF_TEXTS[operator]
    return lambda leaf: isinstance(leaf, str) and any(compare(leaf, each) for each in _listed(operand))


_OF_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "equals-ignore-case": lambda leaf, wanted: leaf.lower() == wanted.lower(),
    "wildcard": lambda leaf, wanted: (
        re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), leaf, re.S) is not None
    ),
}


def _equal(wanted: Any, leaf: Any) -> bool:
    # To Python True is 1; to EventBridge it is not.
    return type(wanted) is type(leaf) and bool(wanted == leaf)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_OF_AWS = "aws."
_OF_PARTNERS = "aws.partner/"


@dataclass(frozen=True, kw_only=True)
class Route:
    """A rule of the hub's bus: what it takes, and the URL of the queue it puts it on."""

    pattern: Mapping[str, Any]
    queue: str


class NotTaken(Exception):
    """When an event stays where it is. The text says why."""


def route(body: str, account_id: AccountId, routes: Sequence[Route]) -> str:
    """Return the URL of the queue an event of an account goes to; raises NotTaken.

    An account brings in its own events only, and only what rules take that are open to it: organization
    events are pinned to the management account. Outcomes are said by the hub, never by a queue.
    """
    try:
        event = Fields(json.loads(body))
        account, source = event.text("account"), event.text("source")
    except (ValueError, RecursionError, MalformedEvent) as error:
        raise NotTaken("it is no event of EventBridge") from error
    if account != account_id:
        raise NotTaken("it names another account than the one whose queue it waits in")
    if not source.startswith(_OF_AWS) or source.startswith(_OF_PARTNERS):
        raise NotTaken("it is no event of an AWS service")
    # An event reaches a function once, by whichever rule.
    queues = dict.fromkeys(each.queue for each in routes if _takes(each, event))
    if not queues:
        raise NotTaken("no rule of the hub takes it")
    return next(iter(queues))


def _takes(candidate: Route, event: Fields) -> bool:
    try:
        return isinstance(event.value, Mapping) and takes(candidate.pattern, event.value)
    except UnknownOperator as error:
        raise NotTaken(str(error)) from error
