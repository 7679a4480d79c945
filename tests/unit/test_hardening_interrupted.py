"""Hardening interrupted at every single call, then run again; and two runs at once."""

from datetime import timedelta

import pytest

from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.hardening.outcome import HardeningOutcome, Result
from tests.unit.fakes import RootUser
from tests.unit.given import Hardening, announcement, fully_equipped_root
from tests.unit.interruptions import Died, Interruption, TableUnavailable, die, refuse

ATTEMPTS = 6


def undisturbed_calls(user: RootUser) -> list[str]:
    given = Hardening(user=user)
    given.run.run(announcement(), attempt=1, is_last=False)
    return given.line.calls


CALLS = undisturbed_calls(fully_equipped_root())


def run_until_done(given: Hardening) -> None:
    """Deliver the message again and again, as the queue does, each time when the lease is over."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            given.run.run(announcement(), attempt=attempt, is_last=attempt == ATTEMPTS)
        except AlreadyDone:
            return
        except (RetryLater, TableUnavailable, Died):
            given.line.is_dead = False
            given.clock.move(timedelta(minutes=12))
        else:
            return
    pytest.fail("the message would be in the dead-letter queue")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("interruption", [die, refuse])
@pytest.mark.parametrize("number", range(1, len(CALLS) + 1), ids=lambda number: CALLS[number - 1])
def test_stopped_at_any_call_and_run_again_it_ends_the_same(
    number: int, interruption: Interruption, moment: str
) -> None:
    given = Hardening()
    before = given.user.credentials
    interruptions = given.line.before if moment == "before" else given.line.after
    interruptions[number] = interruption

    run_until_done(given)

    assert not given.user.credentials
    final = given.bus.results[-1]
    assert final.result is Result.HARDENED
    assert final.removed == before
    assert final.failures == ()
    assert all(outcome.will_retry for outcome in given.bus.results if outcome.result is not Result.HARDENED)


@pytest.mark.parametrize("number", range(1, len(CALLS) + 1), ids=lambda number: CALLS[number - 1])
def test_two_runs_at_once_yield_one_outcome(number: int) -> None:
    given = Hardening()
    before = given.user.credentials
    other: list[str] = []

    def run_the_other(_call: str) -> None:
        try:
            given.run.run(announcement(), attempt=1, is_last=False)
        except (AlreadyDone, RetryLater) as turned_away:
            other.append(type(turned_away).__name__)

    given.line.before[number] = run_the_other
    run_until_done(given)

    assert not given.user.credentials
    assert [outcome.result for outcome in given.bus.results] == [Result.HARDENED]
    assert given.bus.results[0].removed == before


@pytest.mark.parametrize("number", range(1, len(CALLS)), ids=lambda number: CALLS[number - 1])
def test_two_runs_that_both_hold_the_account_do_no_harm(number: int) -> None:
    given = Hardening()
    outcomes: list[HardeningOutcome] = []
    given.line.before[number] = lambda _: outcomes.append(given.harden())

    outcomes.append(given.harden())

    assert not given.user.credentials
    assert {outcome.result for outcome in outcomes} <= {Result.HARDENED, Result.CLEAN}


def test_what_an_earlier_attempt_removed_is_named_though_the_next_finds_a_clean_account() -> None:
    given = Hardening()
    before = given.user.credentials
    given.line.before[CALLS.index("read back") + 1] = die

    run_until_done(given)

    assert [(o.result, o.removed) for o in given.bus.results] == [(Result.HARDENED, before)]
