"""Hardening interrupted at every single call, then run again; and two runs at once."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from rootwarden.accounts import AccountState
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.hardening.outcome import HardeningOutcome, Result
from rootwarden.hardening.run import GaveUp
from rootwarden.messages.hardening_message import hardening_message
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, CredentialKind
from tests.unit.fakes import RootUser
from tests.unit.given import MEMBER, TRIGGER, WINDOW, Hardening, announcement, fully_equipped_root, member
from tests.unit.interruptions import Died, Interruption, TableUnavailable, die, refuse

ATTEMPTS = 6


def undisturbed_calls(user: RootUser) -> list[str]:
    given = Hardening(user=user)
    given.run.run(announcement(), attempt=1, is_last=False)
    return given.line.calls


CALLS = undisturbed_calls(fully_equipped_root())
DELETIONS = [
    number for number, call in enumerate(CALLS, 1) if call.startswith("delete ") and "session" not in call
]


def run_until_done(given: Hardening) -> None:
    """Deliver the message again and again, as the queue does, each time when the lease is over."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            given.run.run(announcement(), attempt=attempt, is_last=attempt == ATTEMPTS)
        except AlreadyDone:
            return
        except (RetryLater, TableUnavailable, CallRefused, Died):
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
    final, *later = [outcome for outcome in given.bus.results if not outcome.will_retry]
    assert (final.result, final.removed, final.failures) == (Result.HARDENED, before, ())
    assert not final.may_have_been_removed
    # Published and then stopped: it may be said again, and never otherwise.
    assert all((o.result, o.removed) == (final.result, final.removed) for o in later)
    assert not given.memory.removals


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


POLICY_DENIED = CallRefused("AccessDenied", "explicit deny in a service control policy")


def _suspended(given: Hardening) -> None:
    given.organization.accounts = {MEMBER: member(AccountState.SUSPENDED)}


def _left(given: Hardening) -> None:
    given.organization.accounts = {}


def _window_opened(given: Hardening) -> None:
    given.memory.windows[MEMBER] = WINDOW


def _denied(given: Hardening) -> None:
    given.sessions.refusals["audit session"] = POLICY_DENIED


def _delete_denied(given: Hardening) -> None:
    given.sessions.refusals["delete session"] = given.sessions.refusals["read back"] = POLICY_DENIED


@pytest.mark.parametrize("by_request", [False, True], ids=["event", "request"])
@pytest.mark.parametrize("then", [_suspended, _left, _window_opened, _denied, _delete_denied])
@pytest.mark.parametrize("stopped_at", DELETIONS, ids=lambda number: CALLS[number - 1])
def test_the_final_word_names_what_a_stopped_attempt_did_whatever_happens_then(
    stopped_at: int, then: Callable[[Hardening], None], *, by_request: bool
) -> None:
    given = Hardening()
    before = given.user.credentials
    given.line.after[stopped_at] = die
    asked = [
        replace(
            announcement(),
            trigger=structs.replace(TRIGGER, event_id=f"e{n}"),
            ignores_recent_result=by_request,
        )
        for n in (1, 2)
    ]
    with pytest.raises(Died):
        given.run.run(asked[0], attempt=1, is_last=False)
    given.line.is_dead = False
    given.clock.move(timedelta(minutes=12))
    gone = before - given.user.credentials
    then(given)

    with suppress(GaveUp):
        given.run.run(asked[1], attempt=2, is_last=True)

    final = given.bus.results[-1]
    assert not final.will_retry
    assert gone <= final.removed | final.may_have_been_removed
    # No read-back proves what the stopped attempt did; a try is not called a deed.
    assert not final.removed
    said = hardening_message(final, "eu-central-1")
    assert said
    assert "may have removed" in said.done
    assert {c.identifier for c in gone} <= {value for _, value in said.facts}

    assert not given.memory.removals


def test_what_a_read_back_proved_gone_is_removed_though_a_later_attempt_is_skipped() -> None:
    given = Hardening()
    given.sessions.refusals["delete password"] = POLICY_DENIED
    with pytest.raises(RetryLater):
        given.run.run(announcement(), attempt=1, is_last=False)
    _suspended(given)

    final = given.run.run(announcement(), attempt=2, is_last=False)

    assert final.result is Result.SKIPPED
    assert {c.kind for c in final.removed} == {
        CredentialKind.ACCESS_KEY,
        CredentialKind.SIGNING_CERTIFICATE,
    }
    assert final.may_have_been_removed == {PASSWORD}
    assert given.bus.results[-1] == final
    said = hardening_message(final, "eu-central-1")
    assert said
    assert "Removed 2 access keys and a signing certificate" in said.done


def test_what_was_named_is_not_named_again() -> None:
    given = Hardening()
    given.line.after[DELETIONS[-1]] = die
    with pytest.raises(Died):
        given.run.run(announcement(), attempt=1, is_last=False)
    given.line.is_dead = False
    given.clock.move(timedelta(minutes=12))
    trigger = structs.replace(TRIGGER, event_id="asked")
    request = replace(announcement(), trigger=trigger, ignores_recent_result=True)

    first = given.run.run(request, attempt=1, is_last=True)
    second = given.run.run(announcement(), attempt=2, is_last=False)

    assert first.result is Result.HARDENED
    assert len(first.removed) == len(DELETIONS)
    assert (second.result, second.removed) == (Result.CLEAN, frozenset())
