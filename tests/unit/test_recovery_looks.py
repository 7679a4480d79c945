"""The look every five minutes, and a sweep's: what they close, and by whose word that is said to be."""

from datetime import timedelta

import pytest

from rootwarden.recovery.outcome import Change
from rootwarden.recovery.windows import ClosedBy, ClosedHow
from tests.unit.fake_recovery import Recovery

LOOK = ClosedBy(ClosedHow.LOOK)
BOB = ClosedBy(ClosedHow.REQUEST, "bob")
FIVE_MINUTES = timedelta(minutes=5)


def _opened() -> Recovery:
    given = Recovery()
    given.open()
    return given


def _look(given: Recovery) -> str:
    return str(given.close_overdue(ClosedHow.LOOK)["result"])


@pytest.mark.parametrize("trouble", ["publish", "delete end"])
def test_a_closing_that_a_look_finishes_is_said_by_the_word_of_who_began_it(trouble: str) -> None:
    given = _opened()
    # What the failure is said with is refused as well.
    given.line.refusing = [trouble, trouble]
    assert given.close_refused() == "ServiceFailure"

    given.clock.move(FIVE_MINUTES)
    given.line.refusing = []
    assert _look(given) == "closed"

    closed = [said for said in given.changes if said.change is Change.CLOSED]
    assert {said.closed_by for said in closed} == {BOB}
    assert {said.severity for said in closed} == {"info"}


@pytest.mark.parametrize("how", [ClosedHow.LOOK, ClosedHow.SWEEP])
def test_a_window_that_its_schedule_did_not_close_is_said_to_be_late(how: ClosedHow) -> None:
    given = _opened()
    given.clock.move(timedelta(hours=4) + FIVE_MINUTES)

    given.close_overdue(how)

    said = given.changes[-1]
    assert (said.change, said.closed_by, said.severity) == (Change.CLOSED, ClosedBy(how), "medium")


def test_a_look_leaves_a_window_to_its_own_schedule_first() -> None:
    given = _opened()
    given.clock.move(timedelta(hours=4, seconds=90))

    assert _look(given) == "nothing_open"
    assert given.come_to_the_end()["result"] == "closed"

    assert given.changes[-1].closed_by == ClosedBy(ClosedHow.SCHEDULE)


def test_a_look_claims_nothing_where_there_is_nothing_to_do() -> None:
    given = _opened()
    before = len(given.line.calls)

    assert _look(given) == "nothing_open"

    assert given.line.calls[before:] == ["read index", "find window"]
