"""A schedule that ends a window which is not on record: told where nobody is known to have closed it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from rootwarden.recovery.history import Span, WindowHistory
from rootwarden.recovery.outcome import Change
from rootwarden.recovery.windows import ClosedBy, ClosedHow
from rootwarden.refusals import CallRefused
from tests.unit.fake_recovery import Recovery
from tests.unit.fakes import NOON
from tests.unit.given import MEMBER, member

END = NOON + timedelta(hours=4)
EARLIER = Span(NOON - timedelta(days=1), NOON - timedelta(hours=23))


def _lost(given: Recovery, history: WindowHistory | None = None) -> Recovery:
    given.open()
    given.windows.kept.clear()
    if history:
        given.histories.kept[MEMBER] = history
    return given


@pytest.mark.parametrize("history", [None, WindowHistory(), WindowHistory((EARLIER,))])
def test_a_window_that_nobody_closed_and_that_is_on_no_record_may_be_open(
    history: WindowHistory | None,
) -> None:
    given = _lost(Recovery(), history)

    for _ in range(2):
        assert given.come_to_the_end()["result"] == "nothing_open"

    [opened, word] = given.changes
    assert (opened.change, word.change, word.severity) == (Change.OPENED, Change.FAILED, "high")
    assert (word.may_be_open, word.closed_by) == (True, ClosedBy(ClosedHow.SCHEDULE))
    assert (word.window.until, word.account.name) == (END, "payments-prod")
    assert word.reason is not None
    assert word.reason.code == "NoRecord"


def _by_bob(given: Recovery) -> None:
    given.clock.move(timedelta(hours=1))
    given.close()


def _by_its_schedule(given: Recovery) -> None:
    given.come_to_the_end()


def _by_its_schedule_at_once(given: Recovery) -> None:
    given.clock.now = END
    given.close_on_schedule(END, NOON)


@pytest.mark.parametrize("close", [_by_bob, _by_its_schedule, _by_its_schedule_at_once])
@pytest.mark.parametrize("opened_at", [NOON, None])
def test_a_schedule_that_comes_again_or_after_an_early_closing_alarms_nobody(
    close: Callable[[Recovery], object], opened_at: None
) -> None:
    given = Recovery()
    given.open()
    close(given)
    given.clock.move(timedelta(hours=5))

    assert given.close_on_schedule(END, opened_at)["result"] == "nothing_open"

    assert given.said == [Change.OPENED, Change.CLOSED]


@pytest.mark.parametrize("account", [None, replace(member(), state="SUSPENDED")])
def test_a_window_of_an_account_that_left_alarms_nobody(account: object) -> None:
    given = _lost(Recovery(), WindowHistory())
    given.organization.accounts = {MEMBER: account} if account else {}  # type: ignore[dict-item]

    assert given.come_to_the_end()["result"] == "nothing_open"

    assert given.said == [Change.OPENED]


def test_what_cannot_be_said_of_it_is_tried_again() -> None:
    given = _lost(Recovery())
    given.line.refusing = ["publish"]

    with pytest.raises(CallRefused, match="NoRecord"):
        given.come_to_the_end()
    assert given.come_to_the_end()["result"] == "nothing_open"

    assert given.said == [Change.OPENED, Change.FAILED]
