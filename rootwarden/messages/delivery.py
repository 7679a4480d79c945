"""One announcement to every channel: each once, in its own time, and none kept back by another's failure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rootwarden.claims import Claims, RetryLater, claimed
from rootwarden.contract.functions import lease
from rootwarden.hardening.removal import CallRefused
from rootwarden.messages.announcement import Announcement

# A message's attribute: the account and Region whose own queue an event was brought in from. An
# administrator of that account may have written it: it is assessed, and proves nothing.
COLLECTED_FROM = "collectedFrom"
_LEASE = lease("notify")
_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Channel:
    """A way to reach people. send raises NotTaken, CallRefused or RetryLater, within so many seconds."""

    name: str
    send: Callable[[Announcement], None]
    seconds: float = 0.0


class NotTaken(Exception):
    """When a channel does not take a message."""


class NotDelivered(Exception):
    """When some channel did not take a message; the others have it."""


def deliver(
    announcement: Announcement,
    event_id: str,
    channels: Sequence[Channel],
    claims: Claims,
    seconds_left: Callable[[], float] = lambda: math.inf,
) -> None:
    """Send to each channel that has not had this event yet; raises NotDelivered after trying all.

    A channel that could hang for longer than there is time is left to the next attempt. Raises AlreadyDone
    where every channel has had the event, and RetryLater while another attempt is sending it.
    """
    with claimed(claims, event_id, lease=_LEASE, remember=_REMEMBERED) as claim:
        had = set(filter(None, (claim.note or "").split(",")))
        missing = [channel for channel in channels if channel.name not in had]
        failures: list[str] = []
        try:
            for channel in missing:
                failure = _failure(channel, announcement, seconds_left())
                had |= set() if failure else {channel.name}
                failures += [failure] if failure else []
        finally:
            # One call for all channels: an attempt that dies before it repeats its messages, and loses none.
            if len(had) < len(channels):
                claims.note(event_id, ",".join(sorted(had)))
        if failures:
            raise NotDelivered("; ".join(failures))


def _failure(channel: Channel, announcement: Announcement, seconds_left: float) -> str | None:
    """Send to one channel; return why it does not have the message, None where it has."""
    if seconds_left < channel.seconds:
        return f"{channel.name}: not tried, {seconds_left:.0f} s are left"
    try:
        channel.send(announcement)
    except (NotTaken, CallRefused, RetryLater) as error:
        return f"{channel.name}: {error}"
    return None
