"""Which functions get an event: the rules' own patterns decide, where they count and in which state."""

from collections.abc import Iterator
from enum import StrEnum

from rootctl.explain.knowledge import Knowledge
from rootwarden.cloudtrail import acting_service, is_root
from rootwarden.contract.detail_types import ROOT_ACTIVITY_BURST_ENDED, SOURCE
from rootwarden.contract.event_patterns import (
    ACCOUNT_JOINED,
    ACCOUNT_LEFT,
    OUTCOMES,
    RECOVERY_WINDOW_CLOSED,
    ROOT_ACTIVITY,
    ROOT_SESSIONS_NOT_RECORDED,
    TAMPERING,
)
from rootwarden.contract.names import with_prefix
from rootwarden.contract.pattern import EventAccount, EventPattern
from rootwarden.contract.pattern_matching import matches
from rootwarden.contract.watch_patterns import HUB_WATCH, WATCH_FORWARDED
from rootwarden.events import Envelope


class Taker(StrEnum):
    """The functions behind the hub's bus."""

    HARDEN_ACCOUNT = "harden_account"
    FORGET_ACCOUNT = "forget_account"
    ASSESS_ROOT_ACTIVITY = "assess_root_activity"
    NOTIFY = "notify"


_PATTERNS: dict[Taker, tuple[EventPattern, ...]] = {
    Taker.HARDEN_ACCOUNT: (*ACCOUNT_JOINED, RECOVERY_WINDOW_CLOSED),
    Taker.FORGET_ACCOUNT: ACCOUNT_LEFT,
    Taker.ASSESS_ROOT_ACTIVITY: (
        *(*ROOT_ACTIVITY, *TAMPERING, *WATCH_FORWARDED),
        *(*HUB_WATCH, ROOT_SESSIONS_NOT_RECORDED),
    ),
    Taker.NOTIFY: (OUTCOMES,),
}


def takers(envelope: Envelope, knowledge: Knowledge) -> tuple[Taker, ...]:
    """Return the functions that get an event; none where no rule takes it."""
    if (envelope.source, envelope.detail_type) == (SOURCE, ROOT_ACTIVITY_BURST_ENDED):
        return (Taker.ASSESS_ROOT_ACTIVITY,)  # the function's own reminder: no rule is between
    taken = (
        taker
        for taker, pattern in _matching(envelope, knowledge)
        if _hindrance(pattern, envelope, knowledge) is None
    )
    return tuple(dict.fromkeys(taken))


def why_none(envelope: Envelope, knowledge: Knowledge) -> str:
    """Say what keeps every rule from taking an event."""
    for _, pattern in _matching(envelope, knowledge):
        hindrance = _hindrance(pattern, envelope, knowledge)
        if hindrance:
            return hindrance
    detail = envelope.detail
    service = detail.optional_text("requestParameters", "servicePrincipal")
    if service and envelope.source == "aws.organizations":
        return f"it is about {service}, not about IAM"
    invoked_by = detail.optional_text("userIdentity", "invokedBy")
    if invoked_by and acting_service(detail):
        return f"{invoked_by} made the call for the account, no person as root"
    kind = detail.optional_text("userIdentity", "type")
    if is_root(detail) and detail.optional_text("eventType") == "AwsServiceEvent":
        return "a service reports its own work; no person called anything as root"
    if kind and not is_root(detail):
        return f"userIdentity.type is {kind}, not Root"
    return f"no rule is about {envelope.detail_type!r} from {envelope.source}"


def _matching(envelope: Envelope, knowledge: Knowledge) -> Iterator[tuple[Taker, EventPattern]]:
    """Return the patterns that match what an event says, wherever it comes from."""
    event = {
        "account": envelope.account_id,
        "source": envelope.source,
        "detail-type": envelope.detail_type,
        "detail": envelope.detail.value,
    }
    for taker, patterns in _PATTERNS.items():
        for plain in patterns:
            pattern = with_prefix(plain, knowledge.name_prefix)
            if matches(pattern.document(), event):
                yield taker, pattern


def _hindrance(pattern: EventPattern, envelope: Envelope, knowledge: Knowledge) -> str | None:
    """Say why a rule does not take an event that its pattern matches; None where it does."""
    name, account = envelope.detail.optional_text("eventName"), envelope.account_id
    if pattern.origin is EventAccount.MANAGEMENT_ACCOUNT:
        management = knowledge.management(account)
        if account != management:
            return f"{name} counts only from the management account {management}; this is from elsewhere"
    # Outcomes are of the hub: the bus takes that source from it alone.
    if (
        pattern.origin is EventAccount.HUB_ACCOUNT
        and envelope.source != SOURCE
        and not knowledge.is_hub(account)
    ):
        return f"{name} counts only in the hub's account; this is from {account}"
    read_only = envelope.detail.is_true("readOnly") and not pattern.read_only_calls
    if read_only and not knowledge.forwards_read_only_calls():
        return f"{name} is a read-only call, and forward_read_only_calls is off"
    return None
