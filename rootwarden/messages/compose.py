"""From an outcome to its message, or to none where no person needs to know."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary
from rootwarden.contract.activities import Severity
from rootwarden.contract.detail_types import TEST_ALERT
from rootwarden.events import Envelope, MalformedEvent
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.leaving import AccountLeft
from rootwarden.messages.activity_message import alert_message, summary_message
from rootwarden.messages.hardening_message import hardening_message
from rootwarden.messages.leaving_message import departure_message
from rootwarden.messages.message import Guidance, Message
from rootwarden.messages.recovery_message import window_message
from rootwarden.messages.sessions_message import sessions_message
from rootwarden.messages.sweep_message import sweep_message
from rootwarden.messages.unlock_message import unlock_message
from rootwarden.outcomes import AccountReference, Outcome, SessionsNotRecorded, Time
from rootwarden.recovery.outcome import WindowChanged
from rootwarden.sweep.outcome import SweepCompleted
from rootwarden.unlocking.outcome import PolicyUnlocked


class AlertTest(Outcome, frozen=True, kw_only=True):
    """A test of the way to people. account: the hub's."""

    detail_type: ClassVar[str] = TEST_ALERT

    account: AccountReference
    requested_by: Annotated[str, Meta(description="who AWS says the caller was")]
    occurred_at: Time

    def weighed(self) -> Severity:
        """Return that nothing is wrong."""
        return Severity.INFO


def alert_test_message(test: AlertTest, _region: str) -> Message:
    """Compose the message."""
    return Message(
        severity=Severity.INFO,
        account=test.account,
        headline="test alert",
        happened=f"{test.requested_by} asked for a test alert. Nothing happened in any account.",
        done="Sent this message through every channel that is configured, the way real alerts go.",
        facts=(
            ("Asked for", f"{test.occurred_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("By", test.requested_by),
            ("Hub", str(test.account)),
        ),
        next_steps=(
            "Nothing: that you can read this shows that alerts reach you here.",
            "If another channel stays silent, run rootctl doctor: it says which are not confirmed.",
        ),
        links=(),
    )


# Each takes the outcome and the hub's Region.
_MESSAGES: Mapping[type[Outcome], Callable[[Any, str], Message | None]] = {
    HardeningOutcome: hardening_message,
    ActivityAlert: alert_message,
    ActivitySummary: summary_message,
    AccountLeft: departure_message,
    WindowChanged: window_message,
    SweepCompleted: sweep_message,
    PolicyUnlocked: unlock_message,
    SessionsNotRecorded: sessions_message,
    AlertTest: alert_test_message,
}
_KINDS = {kind.detail_type: kind for kind in _MESSAGES}


def compose(envelope: Envelope, guidance: Guidance | None = None) -> Message | None:
    """Compose the message; None where no person needs it. Raises MalformedEvent."""
    kind = _KINDS.get(envelope.detail_type)
    if kind is None:
        raise MalformedEvent("detail-type", "an outcome of rootwarden", envelope.detail_type)
    message = _MESSAGES[kind](kind.from_detail(envelope.detail), envelope.region)
    if message is None:
        return None
    message = replace(message, activity=envelope.detail.optional_text("activity"))
    return (guidance or Guidance()).added_to(message)
