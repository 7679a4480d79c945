"""What notify reads is what the other functions said."""

import json

import pytest
from hypothesis import given

from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.leaving import AccountLeft
from rootwarden.messages.compose import AlertTest
from rootwarden.outcomes import Outcome
from rootwarden.recovery.outcome import WindowChanged
from rootwarden.sweep.outcome import SweepCompleted
from rootwarden.unlocking.outcome import PolicyUnlocked
from tests.unit.outcomes import (
    ALERTS,
    DEPARTURES,
    HARDENING,
    SUMMARIES,
    SWEEPS,
    TESTS,
    UNLOCKS,
    WINDOW_CHANGES,
)


def sent(outcome: Outcome) -> Fields:
    """Return the detail after its way through JSON."""
    return Fields(json.loads(json.dumps(outcome.to_detail())), "detail")


@given(HARDENING)
def test_a_hardening_outcome_survives(outcome: HardeningOutcome) -> None:
    read = HardeningOutcome.from_detail(sent(outcome))

    assert read == outcome


@given(ALERTS)
def test_an_alert_survives(alert: ActivityAlert) -> None:
    assert ActivityAlert.from_detail(sent(alert)) == alert


@given(SUMMARIES)
def test_a_summary_survives(summary: ActivitySummary) -> None:
    assert ActivitySummary.from_detail(sent(summary)) == summary


@given(DEPARTURES)
def test_a_departure_survives(departure: AccountLeft) -> None:
    assert AccountLeft.from_detail(sent(departure)) == departure


@given(WINDOW_CHANGES)
def test_a_change_of_a_recovery_window_survives(change: WindowChanged) -> None:
    assert WindowChanged.from_detail(sent(change)) == change


@given(SWEEPS)
def test_a_completed_sweep_survives(sweep: SweepCompleted) -> None:
    assert SweepCompleted.from_detail(sent(sweep)) == sweep


@given(UNLOCKS)
def test_an_unlock_survives(unlock: PolicyUnlocked) -> None:
    assert PolicyUnlocked.from_detail(sent(unlock)) == unlock


@given(TESTS)
def test_a_test_alert_survives(test: AlertTest) -> None:
    assert AlertTest.from_detail(sent(test)) == test


@pytest.mark.parametrize(
    ("detail", "field"),
    [
        ({}, "detail.account"),
        ({"account": {}, "result": "splendid"}, "detail.result"),
        ({"account": {}, "result": "clean", "trigger": {}}, "detail.trigger.eventId"),
    ],
)
def test_what_is_no_outcome_names_the_field(detail: object, field: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        HardeningOutcome.from_detail(Fields(detail, "detail"))

    assert refused.value.field == field
