"""Windows on record: who may finish what was begun, what counts of former ones, how bad a change is."""

from datetime import timedelta

import pytest

from rootwarden.outcomes import AccountReference
from rootwarden.recovery.history import Span
from rootwarden.recovery.opening import BUSY, LEASE
from rootwarden.recovery.outcome import Change, WindowChanged
from rootwarden.recovery.windows import ClosedBy, ClosedHow
from rootwarden.requests import RequestRefused
from tests.unit.fake_recovery import Recovery
from tests.unit.fakes import NOON
from tests.unit.given import MEMBER, WINDOW

HOUR = timedelta(hours=1)


def _begun(given: Recovery, hours: int = 4) -> None:
    """Ask for a window whose opening AWS answers with an error, so that it may be open or not."""
    given.line.refusing = ["allow recovery"]
    given.open(hours=hours)


@pytest.mark.parametrize("other", [{"hours": 2}, {"requestedBy": "bob"}, {"reason": "lost phone"}])
def test_only_the_same_request_finishes_a_window_that_was_begun(other: dict[str, object]) -> None:
    given = Recovery()
    _begun(given)

    with pytest.raises(RequestRefused, match="until 2026-06-01 16:00 UTC by alice: lost MFA") as refused:
        given.open(**other)

    assert refused.value.code == "WindowOpen"
    assert given.open()["result"] == "opened"


def test_a_window_that_is_finished_counts_once_and_former_ones_still_count() -> None:
    given = Recovery()
    given.open(hours=8)
    given.come_to_the_end()
    given.histories.hardened(MEMBER)
    before = given.histories.kept[MEMBER].spans
    begun_at = given.clock.now
    _begun(given, hours=12)

    assert given.open(hours=12)["result"] == "opened"
    ends_at = begun_at + 12 * HOUR
    assert given.histories.kept[MEMBER].spans == (*before, Span(begun_at, ends_at))


def test_a_window_that_may_be_open_is_said_to_be_whoever_fails_to_finish_it() -> None:
    given = Recovery()
    _begun(given)
    assert given.ends.kept == {MEMBER: NOON + 4 * HOUR}
    given.line.refusing = ["enter"]

    assert given.open()["result"] == "failed"

    assert [(said.change, said.may_be_open) for said in given.changes] == [(Change.FAILED, True)] * 2
    assert (given.ends.kept, given.windows.index) == ({MEMBER: NOON + 4 * HOUR}, {MEMBER})
    assert given.standing is not None
    assert given.standing.counts(NOON)


def test_a_window_that_somebody_works_on_is_opened_by_nobody_else() -> None:
    given = Recovery()
    given.claims.begin(MEMBER, lease=LEASE)

    with pytest.raises(RequestRefused) as refused:
        given.open()

    assert (refused.value.code, refused.value.text) == ("WindowBusy", BUSY)


@pytest.mark.parametrize(
    ("change", "closed_by", "may_be_open", "severity"),
    [
        (Change.OPENED, None, True, "medium"),
        (Change.CLOSED, ClosedHow.SCHEDULE, False, "info"),
        (Change.CLOSED, ClosedHow.REQUEST, False, "info"),
        (Change.CLOSED, ClosedHow.LOOK, False, "medium"),
        (Change.CLOSED, ClosedHow.SWEEP, False, "medium"),
        (Change.FAILED, None, False, "low"),
        (Change.FAILED, None, True, "high"),
        (Change.FAILED, ClosedHow.SCHEDULE, False, "high"),
        (Change.FAILED, ClosedHow.SCHEDULE, True, "high"),
    ],
)
def test_a_password_that_may_be_recoverable_and_should_not_be_is_bad(
    change: Change, closed_by: ClosedHow | None, *, may_be_open: bool, severity: str
) -> None:
    said = WindowChanged(
        account=AccountReference(account_id=MEMBER),
        change=change,
        window=WINDOW,
        may_be_open=may_be_open,
        closed_by=ClosedBy(closed_by) if closed_by else None,
        occurred_at=NOON,
    )

    assert said.severity == severity
