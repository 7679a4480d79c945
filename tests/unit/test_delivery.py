"""One announcement to every channel."""

from dataclasses import dataclass, field

import pytest

from rootwarden.aws.notifications import Channel, NotDelivered, NotTaken, deliver
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.activities import Severity
from rootwarden.messages.message import Message
from rootwarden.outcomes import AccountReference
from rootwarden.refusals import CallRefused
from tests.unit.fake_state import FakeClaims
from tests.unit.fakes import FakeClock
from tests.unit.given import MEMBER

NEWS = Message(
    severity=Severity.HIGH,
    account=AccountReference(account_id=MEMBER),
    headline="news",
    happened="Something.",
    done="Nothing.",
    facts=(),
    next_steps=(),
    links=(),
)
FAILURES = [
    NotTaken("Slack answered 500"),
    CallRefused("Throttling", "Rate exceeded"),
    RetryLater("Slack asks to wait 3 seconds"),
]


@dataclass
class Inbox:
    """Where a channel's messages arrive; takes none while it is broken."""

    broken: Exception | None = None
    messages: list[Message] = field(default_factory=list)

    def take(self, message: Message) -> None:
        if self.broken:
            raise self.broken
        self.messages.append(message)


def test_every_channel_gets_the_message_once() -> None:
    inboxes = [Inbox(), Inbox()]
    channels = [Channel(str(number), inbox.take) for number, inbox in enumerate(inboxes)]
    claims = FakeClaims(FakeClock())

    deliver(NEWS, "event", channels, claims)
    with pytest.raises(AlreadyDone):
        deliver(NEWS, "event", channels, claims)

    assert [inbox.messages for inbox in inboxes] == [[NEWS], [NEWS]]


def test_what_was_sent_stays_sent_also_where_something_unforeseen_ends_the_attempt() -> None:
    inboxes, claims = [Inbox(), Inbox(KeyError("a bug")), Inbox()], FakeClaims(FakeClock())
    channels = [Channel(str(number), inbox.take) for number, inbox in enumerate(inboxes)]

    with pytest.raises(KeyError):
        deliver(NEWS, "event", channels, claims)
    inboxes[1].broken = None
    deliver(NEWS, "event", channels, claims)

    assert [inbox.messages for inbox in inboxes] == [[NEWS]] * 3


def test_another_event_is_another_message() -> None:
    inbox, claims = Inbox(), FakeClaims(FakeClock())

    deliver(NEWS, "event", [Channel("email", inbox.take)], claims)
    deliver(NEWS, "other event", [Channel("email", inbox.take)], claims)

    assert len(inbox.messages) == 2


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_broken_channel_neither_stops_nor_repeats_the_others(position: int, failure: Exception) -> None:
    inboxes = [Inbox(), Inbox(), Inbox()]
    inboxes[position].broken = failure
    channels = [Channel(f"channel {number}", inbox.take) for number, inbox in enumerate(inboxes)]
    claims = FakeClaims(FakeClock())

    with pytest.raises(NotDelivered, match=f"^channel {position}: "):
        deliver(NEWS, "event", channels, claims)
    inboxes[position].broken = None
    deliver(NEWS, "event", channels, claims)

    assert [inbox.messages for inbox in inboxes] == [[NEWS]] * 3


def test_a_channel_that_could_hang_for_too_long_is_left_to_the_next_attempt() -> None:
    inboxes, left, claims = [Inbox(), Inbox(), Inbox()], [60.0], FakeClaims(FakeClock())

    def slow(message: Message) -> None:
        left[0] -= 50
        inboxes[0].take(message)

    channels = [
        Channel("slow", slow, 20),
        Channel("long", inboxes[1].take, 20),
        Channel("short", inboxes[2].take, 5),
    ]
    with pytest.raises(NotDelivered, match=r"^long: not tried, 10 s are left$"):
        deliver(NEWS, "event", channels, claims, lambda: left[0])
    left[0] = 60
    deliver(NEWS, "event", channels, claims, lambda: left[0])

    assert [inbox.messages for inbox in inboxes] == [[NEWS]] * 3


def test_all_failures_are_told_together() -> None:
    broken = [Channel(f"channel {n}", Inbox(failure).take) for n, failure in enumerate(FAILURES)]

    with pytest.raises(NotDelivered) as told:
        deliver(NEWS, "event", broken, FakeClaims(FakeClock()))

    assert str(told.value) == (
        "channel 0: Slack answered 500; channel 1: Throttling: Rate exceeded;"
        " channel 2: Slack asks to wait 3 seconds"
    )
