"""From an outcome event's detail to the announcement people get."""

from collections.abc import Callable, Mapping

from lambdas.domain.activity.outcomes import ActivityAlert, ActivitySummary
from lambdas.domain.alert_test import AlertTest
from lambdas.domain.envelope import Envelope
from lambdas.domain.event_fields import Fields, MalformedEvent
from lambdas.domain.hardening.outcome import HardeningOutcome
from lambdas.domain.leaving.outcome import AccountLeft
from lambdas.domain.messages.activity_announcement import announce_alert, announce_summary
from lambdas.domain.messages.alert_test_announcement import announce_test
from lambdas.domain.messages.announcement import Announcement
from lambdas.domain.messages.hardening_announcement import announce_hardening
from lambdas.domain.messages.leaving_announcement import announce_departure
from lambdas.domain.messages.recovery_announcement import announce_window
from lambdas.domain.messages.sweep_announcement import announce_sweep
from lambdas.domain.messages.unlock_announcement import announce_unlock
from lambdas.domain.recovery.outcome import WindowChanged
from lambdas.domain.sweep_outcome import SweepCompleted
from lambdas.domain.unlocking.outcome import PolicyUnlocked


def compose(envelope: Envelope) -> Announcement | None:
    """Compose what people are told; None where nobody needs to be. Raises MalformedEvent."""
    announce = _ANNOUNCED.get(envelope.detail_type)
    if announce is None:
        raise MalformedEvent("detail-type", "an outcome of rootwarden", envelope.detail_type)
    return announce(envelope.detail, envelope.region)


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
    AlertTest.detail_type: lambda detail, _: announce_test(AlertTest.from_detail(detail)),
}
