"""One announcement to every channel: each once, and none kept back by another's failure."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from lambdas.domain.claims import AlreadyDone, Claims, RetryLater, claimed
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.messages.announcement import Announcement

# A message's attribute: the account and Region whose own queue an event was brought in from. An
# administrator of that account may have written it: it is assessed, and proves nothing.
COLLECTED_FROM = "collectedFrom"
_LEASE = timedelta(seconds=60)
_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Channel:
    """A way to reach people. send raises NotTaken, CallRefused or RetryLater."""

    name: str
    send: Callable[[Announcement], None]


class NotTaken(Exception):
    """When a channel does not take a message."""


class NotDelivered(Exception):
    """When some channel did not take a message; the others have it."""


def deliver(announcement: Announcement, event_id: str, channels: Sequence[Channel], claims: Claims) -> None:
    """Send to each channel that has not had this event yet; raises NotDelivered after trying all."""
    failures = []
    for channel in channels:
        work = claimed(claims, f"{event_id}#{channel.name}", lease=_LEASE, remember=_REMEMBERED)
        try:
            with suppress(AlreadyDone), work:
                channel.send(announcement)
        except (NotTaken, CallRefused, RetryLater) as error:
            failures.append(f"{channel.name}: {error}")
    if failures:
        raise NotDelivered("; ".join(failures))
