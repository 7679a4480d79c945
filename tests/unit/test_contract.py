"""What stacks, functions and rootctl agree on."""

import pytest

from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary
from rootwarden.activity.root_activity import Activity, Severity
from rootwarden.contract import detail_types
from rootwarden.contract.functions import TIME_LIMITS, lease
from rootwarden.contract.route_filters import ACTIVITIES, SEVERITIES
from rootwarden.contract.settings import SETTINGS
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.leaving import AccountLeft
from rootwarden.messages.compose import AlertTest
from rootwarden.outcomes import SessionsNotRecorded
from rootwarden.recovery.outcome import WindowChanged
from rootwarden.sweep.outcome import SweepCompleted
from rootwarden.unlocking.outcome import PolicyUnlocked
from schemas.outcomes import OUTCOMES


def test_notify_is_sent_every_outcome_there_is_and_nothing_else() -> None:
    of_accounts = {HardeningOutcome.detail_type, AccountLeft.detail_type, WindowChanged.detail_type}
    of_activity = {ActivityAlert.detail_type, ActivitySummary.detail_type}
    of_sessions = {PolicyUnlocked.detail_type, SessionsNotRecorded.detail_type}
    others = {SweepCompleted.detail_type, AlertTest.detail_type}
    assert of_accounts | of_activity | of_sessions | others == set(detail_types.OUTCOMES)


@pytest.mark.parametrize("function", SETTINGS)
def test_a_claim_outlives_the_function_that_holds_it(function: str) -> None:
    assert lease(function).total_seconds() > TIME_LIMITS[function]


def test_routes_match_by_the_words_of_the_outcomes() -> None:
    others = {each.detail_type.lower().replace(" ", "_") for each in OUTCOMES} - {"root_activity_alert"}
    assert set(ACTIVITIES) == {activity.value for activity in Activity} | others
    assert tuple(severity.value for severity in Severity) == SEVERITIES
