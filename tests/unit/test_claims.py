"""Doing work once, with the claims in memory and with those in the state table: both must agree."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.claims import AlreadyDone, Claims, ClaimState, NotedClaims, RetryLater, borrowed, claimed
from rootwarden.refusals import CallRefused
from tests.unit.fake_state import FakeClaims
from tests.unit.fakes import NOON, FakeClock
from tests.unit.state_table import losing_answers

LEASE = timedelta(seconds=60)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "table"])
def claims(request: pytest.FixtureRequest, clock: FakeClock) -> NotedClaims:
    if request.param == "memory":
        return FakeClaims(clock)
    return ClaimsTable(request.getfixturevalue("table"), KeyKind.ACCOUNT)


def begin(claims: Claims, key: str = "work") -> ClaimState:
    return claims.begin(key, lease=LEASE).state


@pytest.mark.parametrize(
    "call",
    [
        begin,
        lambda claims: claims.note("work", "half done"),
        lambda claims: claims.release("work"),
        lambda claims: claims.finish("work", remember=HOUR),
    ],
    ids=["begin", "note", "release", "finish"],
)
def test_what_the_table_refuses_is_said_as_every_other_refusal_is(
    table: StateTable, call: Callable[[Claims], object]
) -> None:
    claims = ClaimsTable(replace(table, name="no-such-table"), KeyKind.ACCOUNT)

    with pytest.raises(CallRefused, match="ResourceNotFoundException"):
        call(claims)


def test_one_holder_at_a_time(claims: Claims) -> None:
    assert begin(claims) is ClaimState.OURS
    assert begin(claims) is ClaimState.BUSY
    assert begin(claims, "other work") is ClaimState.OURS


def test_work_given_back_is_free_and_keeps_its_note(claims: Claims) -> None:
    begin(claims)
    claims.note("work", "half done")
    claims.release("work")

    again = claims.begin("work", lease=LEASE)

    assert (again.state, again.note) == (ClaimState.OURS, "half done")


def test_what_is_written_down_beside_the_work_claims_nothing_and_ends(
    claims: NotedClaims, clock: FakeClock
) -> None:
    assert claims.noted("work") is None
    claims.keep_note("work", "partial", keep=HOUR)
    clock.move(HOUR - SECOND)
    assert claims.noted("work") == "partial"
    clock.move(SECOND)
    assert claims.noted("work") is None
    assert claims.begin("work", lease=LEASE).state is ClaimState.OURS


def test_work_of_somebody_who_died_is_free_when_the_lease_is_over(claims: Claims, clock: FakeClock) -> None:
    begin(claims)
    claims.note("work", "half done")
    clock.move(LEASE - SECOND)
    assert begin(claims) is ClaimState.BUSY
    clock.move(SECOND)

    assert claims.begin("work", lease=LEASE).note == "half done"


def test_work_done_stays_done_for_a_while_and_forgets_its_note(claims: Claims, clock: FakeClock) -> None:
    begin(claims)
    claims.note("work", "half done")
    claims.finish("work", remember=HOUR)
    assert begin(claims) is ClaimState.DONE
    clock.move(HOUR - SECOND)
    assert begin(claims) is ClaimState.DONE
    clock.move(SECOND)

    again = claims.begin("work", lease=LEASE)

    assert (again.state, again.note) == (ClaimState.OURS, None)


def test_work_not_worth_remembering_is_free_at_once(claims: Claims) -> None:
    begin(claims)
    claims.finish("work", remember=timedelta(0))

    assert begin(claims) is ClaimState.OURS


def test_a_second_holder_after_the_memory_is_over_is_alone_too(claims: Claims, clock: FakeClock) -> None:
    begin(claims)
    claims.finish("work", remember=HOUR)
    clock.move(HOUR)
    begin(claims)

    assert begin(claims) is ClaimState.BUSY


def test_a_duplicate_is_turned_away(claims: Claims) -> None:
    with claimed(claims, "work", lease=LEASE, remember=HOUR):
        pass

    with (
        pytest.raises(AlreadyDone) as no,
        claimed(claims, "work", lease=LEASE, remember=HOUR),
    ):
        pytest.fail("done twice")
    assert no.value.until == NOON + HOUR


def test_work_in_other_hands_waits(claims: Claims) -> None:
    with (
        claimed(claims, "work", lease=LEASE, remember=HOUR),
        pytest.raises(RetryLater),
        claimed(claims, "work", lease=LEASE, remember=HOUR),
    ):
        pytest.fail("held twice")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_work_that_fails_is_given_back(claims: Claims, error: type[BaseException]) -> None:
    with pytest.raises(error), claimed(claims, "work", lease=LEASE, remember=HOUR):
        raise error

    assert begin(claims) is ClaimState.OURS


def test_the_holder_may_shorten_the_memory(claims: Claims) -> None:
    with claimed(claims, "work", lease=LEASE, remember=HOUR) as held:
        held.remember = timedelta(0)

    assert begin(claims) is ClaimState.OURS


def test_work_not_worth_remembering_is_free_for_a_clock_that_is_behind(
    claims: Claims, clock: FakeClock
) -> None:
    with claimed(claims, "work", lease=LEASE, remember=timedelta(0)):
        claims.note("work", "half done")
    clock.move(-SECOND)

    again = claims.begin("work", lease=LEASE)

    assert (again.state, again.note) == (ClaimState.OURS, None)


@dataclass
class _NoWayBack(FakeClaims):
    """Claims that are given, and never taken back."""

    def release(self, key: str) -> None:
        raise CallRefused("ServiceFailure", f"{key} is not released")

    def finish(self, key: str, *, remember: timedelta) -> None:
        raise CallRefused("ServiceFailure", f"{key} is not finished after {remember}")


@pytest.mark.parametrize(
    "hold",
    [
        lambda claims: borrowed(claims, "work", lease=LEASE),
        lambda claims: claimed(claims, "work", lease=LEASE, remember=timedelta(0)),
    ],
    ids=["borrowed", "claimed"],
)
def test_a_claim_that_cannot_be_given_back_changes_nothing_of_what_was_done(
    hold: Callable[[Claims], AbstractContextManager[object]], clock: FakeClock
) -> None:
    claims = _NoWayBack(clock)
    with hold(claims):
        pass
    clock.move(LEASE)

    with pytest.raises(ValueError, match="the work's own"), hold(claims):
        raise ValueError("the work's own")


def test_what_is_to_be_remembered_and_cannot_be_is_an_error(clock: FakeClock) -> None:
    with (
        pytest.raises(CallRefused, match="not finished"),
        claimed(_NoWayBack(clock), "work", lease=LEASE, remember=HOUR),
    ):
        pass


def test_kinds_of_work_do_not_meet_in_the_table(table: StateTable) -> None:
    assert begin(ClaimsTable(table, KeyKind.ACCOUNT)) is ClaimState.OURS
    assert begin(ClaimsTable(table, KeyKind.MESSAGE)) is ClaimState.OURS


def test_a_claim_that_is_repeated_after_a_lost_answer_is_ours_and_nobody_else_s(table: StateTable) -> None:
    claims = ClaimsTable(losing_answers(table), KeyKind.APPROVAL)
    claims.note("work", "half done")

    claim = claims.begin("work", lease=LEASE)

    assert (claim.state, claim.note) == (ClaimState.OURS, "half done")
    assert begin(claims) is ClaimState.BUSY
    claims.finish("work", remember=HOUR)
    assert begin(claims) is ClaimState.DONE
