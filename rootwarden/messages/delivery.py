"""One announcement to every channel: each once, in its own time, and none kept back by another's failure."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from rootwarden.claims import AlreadyDone, Claims, RetryLater, claimed
from rootwarden.contract.time_limits import lease
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

    A channel that could hang for longer than there is time is left to the next attempt.
    """
    failures = []
    for channel in channels:
        left = seconds_left()
        if left < channel.seconds:
            failures.append(f"{channel.name}: not tried, {left:.0f} s are left")
            continue
        work = claimed(claims, f"{event_id}#{channel.name}", lease=_LEASE, remember=_REMEMBERED)
        try:
            with suppress(AlreadyDone), work:
                channel.send(announcement)
        except (NotTaken, CallRefused, RetryLater) as error:
            failures.append(f"{channel.name}: {error}")
    if failures:
        raise NotDelivered("; ".join(failures))
