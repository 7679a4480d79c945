"""What stacks, functions and rootctl agree on."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary
from rootwarden.aws import clients
from rootwarden.contract import detail_types
from rootwarden.contract.functions import TIME_LIMITS, lease
from rootwarden.contract.settings import SETTINGS
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.leaving import AccountLeft
from rootwarden.messages.compose import AlertTest
from rootwarden.outcomes import SessionsNotRecorded
from rootwarden.recovery.outcome import WindowChanged
from rootwarden.sweep.outcome import SweepCompleted
from rootwarden.unlocking.outcome import PolicyUnlocked

PROJECT = Path(__file__).parents[2]


def test_notify_is_sent_every_outcome_there_is_and_nothing_else() -> None:
    of_accounts = {HardeningOutcome.detail_type, AccountLeft.detail_type, WindowChanged.detail_type}
    of_activity = {ActivityAlert.detail_type, ActivitySummary.detail_type}
    of_sessions = {PolicyUnlocked.detail_type, SessionsNotRecorded.detail_type}
    others = {SweepCompleted.detail_type, AlertTest.detail_type}
    assert of_accounts | of_activity | of_sessions | others == set(detail_types.OUTCOMES)


@pytest.mark.parametrize("function", SETTINGS)
def test_a_claim_outlives_the_function_that_holds_it(function: str) -> None:
    assert lease(function).total_seconds() > TIME_LIMITS[function]


@pytest.mark.parametrize("function", SETTINGS)
def test_a_patient_call_may_be_sent_for_a_while(function: str) -> None:
    patient: Any = clients.PATIENT
    needed = patient.connect_timeout + patient.read_timeout + clients.TO_END_IN_ORDER
    # As long as a message may be begun that has the time that prompt calls take.
    while_begun = 15
    assert not _has_patient_clients(function) or TIME_LIMITS[function] >= needed + while_begun


def _has_patient_clients(function: str) -> bool:
    makers = (PROJECT / "rootwarden/aws/clients.py").read_text(encoding="utf-8").split("\ndef ")
    names = [maker.partition("(")[0] for maker in makers if re.search(r" (patient|_signing)\(", maker)]
    used = re.compile(rf"\bclients\.({'|'.join(names)})\b")
    return any(used.search(source) for source in _sources(f"lambdas.{function}", set()))


def _sources(module: str, seen: set[str]) -> Iterator[str]:
    """Yield the sources of a module and of all that it imports of ours."""
    path = PROJECT / f"{module.replace('.', '/')}.py"
    if module in seen or not path.exists():
        return
    seen.add(module)
    source = path.read_text(encoding="utf-8")
    yield source
    for imported in re.findall(r"^from (rootwarden[\w.]*) import", source, re.MULTILINE):
        yield from _sources(imported, seen)
