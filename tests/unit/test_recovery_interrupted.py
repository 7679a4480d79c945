"""Opening and closing stopped at every single call, then run again: nothing stays open without an end."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from rootwarden.recovery.opening import LEASE
from rootwarden.recovery.outcome import Change
from rootwarden.recovery.windows import WindowState
from rootwarden.refusals import CallRefused
from rootwarden.requests import RequestRefused
from tests.unit.fake_recovery import Recovery
from tests.unit.given import MEMBER
from tests.unit.interruptions import Died, Interruption, TableUnavailable, die, refuse

_STOPPED = (Died, TableUnavailable, CallRefused)


def _calls_of(work: Callable[[Recovery], object], given: Recovery) -> list[str]:
    before = len(given.line.calls)
    work(given)
    return given.line.calls[before:]


def _opened() -> Recovery:
    given = Recovery()
    given.open()
    return given


OPENING = _calls_of(Recovery.open, Recovery())
CLOSING = _calls_of(Recovery.close, _opened())


def _interrupt(given: Recovery, number: int, interruption: Interruption, moment: str) -> None:
    interruptions = given.line.before if moment == "before" else given.line.after
    interruptions[len(given.line.calls) + number] = interruption


def _stop(given: Recovery, work: Callable[[], object]) -> None:
    try:
        work()
    except _STOPPED:
        given.line.is_dead = False
        given.clock.move(LEASE)


def _nothing_is_open_without_an_end(given: Recovery) -> None:
    if MEMBER in given.passwords.allowed and Change.CLOSED not in given.said:
        assert given.standing is not None
        assert given.ends.kept[MEMBER] == given.standing.window.until
        assert MEMBER in given.windows.index


every_moment = pytest.mark.parametrize("moment", ["before", "after"])
every_interruption = pytest.mark.parametrize("interruption", [die, refuse])


@every_moment
@every_interruption
@pytest.mark.parametrize("number", range(1, len(OPENING) + 1), ids=lambda number: OPENING[number - 1])
def test_opening_stopped_at_any_call_is_finished_by_the_same_request(
    number: int, interruption: Interruption, moment: str
) -> None:
    given = Recovery()
    _interrupt(given, number, interruption, moment)

    _stop(given, given.open)

    _nothing_is_open_without_an_end(given)
    with suppress(RequestRefused):
        # Refused where it was through already, and only the last word of that was lost.
        given.open()
    assert given.standing is not None
    assert given.standing.state is WindowState.OPEN
    assert Change.OPENED in given.said
    _nothing_is_open_without_an_end(given)


@every_moment
@every_interruption
@pytest.mark.parametrize("number", range(1, len(OPENING) + 1), ids=lambda number: OPENING[number - 1])
def test_opening_stopped_at_any_call_is_ended_by_a_sweep_at_the_latest(
    number: int, interruption: Interruption, moment: str
) -> None:
    given = Recovery()
    _interrupt(given, number, interruption, moment)
    _stop(given, given.open)

    given.clock.move(timedelta(days=1))
    given.close_overdue()

    assert (given.standing, given.windows.index, given.ends.kept) == (None, set(), {})
    assert Change.CLOSED in given.said or MEMBER not in given.passwords.allowed


@every_moment
@every_interruption
@pytest.mark.parametrize("number", range(1, len(CLOSING) + 1), ids=lambda number: CLOSING[number - 1])
def test_closing_stopped_at_any_call_is_finished_by_the_windows_own_end_or_a_sweep(
    number: int, interruption: Interruption, moment: str
) -> None:
    given = _opened()
    _interrupt(given, number, interruption, moment)

    _stop(given, given.close)

    _nothing_is_open_without_an_end(given)
    if MEMBER in given.ends.kept:
        given.come_to_the_end()
    else:
        given.close_overdue()
    assert (given.standing, given.windows.index, given.ends.kept) == (None, set(), {})
    assert Change.CLOSED in given.said


@pytest.mark.parametrize("number", range(2, len(OPENING)), ids=lambda number: OPENING[number - 1])
def test_nobody_closes_a_window_while_it_is_being_opened(number: int) -> None:
    given = Recovery()
    refusals: list[str] = []

    def close(_call: str) -> None:
        try:
            given.close()
        except RequestRefused as refused:
            refusals.append(refused.code)

    given.line.after[number] = close
    given.open()

    assert refusals == (["WindowBusy"] if OPENING[number - 1] != "describe" else [])
    assert given.standing is not None
