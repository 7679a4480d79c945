"""From an outcome to its announcement, or to none where no person needs to know."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, ClassVar

from msgspec import Meta

from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary
from rootwarden.activity.root_activity import Severity
from rootwarden.contract.detail_types import TEST_ALERT
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.events import Envelope
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.leaving import AccountLeft
from rootwarden.messages.activity_announcement import announce_alert, announce_summary
from rootwarden.messages.announcement import Announcement, Guidance
from rootwarden.messages.hardening_announcement import announce_hardening
from rootwarden.messages.leaving_announcement import announce_departure
from rootwarden.messages.recovery_announcement import announce_window
from rootwarden.messages.sessions_announcement import announce_sessions
from rootwarden.messages.sweep_announcement import announce_sweep
from rootwarden.messages.unlock_announcement import announce_unlock
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


def announce_test(test: AlertTest) -> Announcement:
    """Compose the announcement."""
    return Announcement(
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


def compose(envelope: Envelope, guidance: Guidance | None = None) -> Announcement | None:
    """Compose the announcement; None where no person needs it. Raises MalformedEvent."""
    announce = _ANNOUNCED.get(envelope.detail_type)
    if announce is None:
        raise MalformedEvent("detail-type", "an outcome of rootwarden", envelope.detail_type)
    announcement = announce(envelope.detail, envelope.region)
    if announcement is None:
        return None
    announcement = replace(announcement, activity=envelope.detail.optional_text("activity"))
    return (guidance or Guidance()).added_to(announcement)


# From an outcome's detail and the hub's Region.
_ANNOUNCED: Mapping[str, Callable[[Fields, str], Announcement | None]] = {
    HardeningOutcome.detail_type: lambda detail, region: announce_hardening(
        HardeningOutcome.from_detail(detail), region
    ),
    ActivityAlert.detail_type: lambda detail, _: announce_alert(ActivityAlert.from_detail(detail)),
    ActivitySummary.detail_type: lambda detail, region: announce_summary(
        ActivitySummary.from_detail(detail), region
    ),
    AccountLeft.detail_type: lambda detail, _: announce_departure(AccountLeft.from_detail(detail)),
    WindowChanged.detail_type: lambda detail, region: announce_window(
        WindowChanged.from_detail(detail), region
    ),
    SweepCompleted.detail_type: lambda detail, region: announce_sweep(
        SweepCompleted.from_detail(detail), region
    ),
    PolicyUnlocked.detail_type: lambda detail, region: announce_unlock(
        PolicyUnlocked.from_detail(detail), region
    ),
    SessionsNotRecorded.detail_type: lambda detail, _: announce_sessions(
        SessionsNotRecorded.from_detail(detail)
    ),
    AlertTest.detail_type: lambda detail, _: announce_test(AlertTest.from_detail(detail)),
}
