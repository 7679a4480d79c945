"""Recovery windows in the state table: who closes one, and writing one though an answer was lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.state_table import StateTable
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import ClosedBy, ClosedHow, RecordedWindow, RecoveryWindow, WindowState
from rootwarden.refusals import CallRefused
from tests.unit.fakes import NOON
from tests.unit.given import MEMBER
from tests.unit.state_table import losing_answers

STANDING = RecordedWindow(
    account_id=MEMBER,
    account=AccountReference(account_id=MEMBER, name="payments-prod"),
    window=RecoveryWindow(until=NOON + timedelta(hours=4), reason="lost MFA device", opened_by="alice"),
    state=WindowState.OPENING,
    opened_at=NOON,
    approved_by=("carol",),
)


@pytest.fixture
def windows(table: StateTable) -> RecoveryWindows:
    return RecoveryWindows(table)


@pytest.mark.parametrize("by", [None, "bob"])
def test_a_window_on_record_says_who_closes_it(windows: RecoveryWindows, by: str | None) -> None:
    closed_by = ClosedBy(ClosedHow.REQUEST, by)
    windows.begin(STANDING)
    windows.mark(STANDING, WindowState.OPEN)
    assert windows.find(MEMBER) == replace(STANDING, state=WindowState.OPEN)

    windows.mark(STANDING, WindowState.CLOSING, closed_by)

    assert windows.find(MEMBER) == replace(STANDING, state=WindowState.CLOSING, closed_by=closed_by)


def test_a_window_whose_writing_is_repeated_after_a_lost_answer_is_begun(table: StateTable) -> None:
    windows = RecoveryWindows(losing_answers(table))

    windows.begin(STANDING)

    assert windows.find(MEMBER) == STANDING
    assert windows.accounts() == (MEMBER,)


@pytest.mark.parametrize(
    "other",
    [
        replace(STANDING, opened_at=NOON + timedelta(seconds=1)),
        replace(STANDING, window=RecoveryWindow(until=NOON, reason="lost MFA device", opened_by="alice")),
        replace(STANDING, state=WindowState.OPEN),
    ],
)
def test_no_window_is_begun_over_another(windows: RecoveryWindows, other: RecordedWindow) -> None:
    windows.begin(other)

    with pytest.raises(CallRefused, match="ConditionalCheckFailedException"):
        windows.begin(STANDING)

    assert windows.find(MEMBER) == other
