"""From an outcome event's detail to the announcement people get."""

from lambdas.domain.activity_outcomes import ActivityAlert, ActivitySummary
from lambdas.domain.envelope import Envelope
from lambdas.domain.event_fields import MalformedEvent
from lambdas.domain.hardening_outcome import HardeningOutcome
from lambdas.domain.leaving_outcome import AccountLeft
from lambdas.domain.messages.activity_announcement import announce_alert, announce_summary
from lambdas.domain.messages.announcement import Announcement
from lambdas.domain.messages.hardening_announcement import announce_hardening
from lambdas.domain.messages.leaving_announcement import announce_departure
from lambdas.domain.messages.sweep_announcement import announce_sweep
from lambdas.domain.sweep_outcome import SweepCompleted


def compose(envelope: Envelope) -> Announcement | None:
    """Compose what people are told; None where nobody needs to be. Raises MalformedEvent."""
    detail, region = envelope.detail, envelope.region
    match envelope.detail_type:
        case HardeningOutcome.detail_type:
            return announce_hardening(HardeningOutcome.from_detail(detail), region)
        case ActivityAlert.detail_type:
            return announce_alert(ActivityAlert.from_detail(detail))
        case ActivitySummary.detail_type:
            return announce_summary(ActivitySummary.from_detail(detail), region)
        case AccountLeft.detail_type:
            return announce_departure(AccountLeft.from_detail(detail))
        case SweepCompleted.detail_type:
            return announce_sweep(SweepCompleted.from_detail(detail), region)
        case unknown:
            raise MalformedEvent("detail-type", "an outcome of rootwarden", unknown)
