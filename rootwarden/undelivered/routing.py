"""Which queue of the hub an undelivered event belongs on, by the rules of the bus."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rootwarden.accounts import AccountId
from rootwarden.contract.pattern_matching import UnknownOperator, matches
from rootwarden.event_fields import Fields, MalformedEvent

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
        return isinstance(event.value, Mapping) and matches(candidate.pattern, event.value)
    except UnknownOperator as error:
        raise NotTaken(str(error)) from error
