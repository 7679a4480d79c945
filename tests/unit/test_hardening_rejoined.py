"""Accounts that leave and join again within the hour in which what was proven is not looked at again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.events import AccountId
from rootwarden.hardening.announcement import Skip
from rootwarden.hardening.outcome import HardeningOutcome, Result, SkipReason
from rootwarden.hardening.run import GaveUp
from tests.unit.fakes import NOON
from tests.unit.given import MEMBER, Hardening, announcement, member
from tests.unit.test_hardening_run import ANOTHER, OFF


def run(given: Hardening, attempt: int = 1, *, is_last: bool = False) -> HardeningOutcome:
    """Organizations says now that the account joined."""
    said = replace(announcement(), joined_by_event_at=given.clock())
    return given.run.run(said, attempt=attempt, is_last=is_last)


def back(given: Hardening, joined_at: datetime) -> None:
    """The account left, and joined again with a new password."""
    account = replace(member(), joined_at=joined_at, joined_method="INVITED")
    given.organization.accounts = {MEMBER: account}
    given.user.password = True


def back_and_refused() -> Hardening:
    """The account was proven, left and joined again; its new password cannot be deleted."""
    given = Hardening()
    run(given)
    given.clock.move(timedelta(minutes=25))
    back(given, given.clock())
    given.sessions.refusals["delete password"] = OFF
    return given


@pytest.mark.parametrize("gov_cloud", [None, "777788889999"])
def test_an_account_that_joined_again_within_the_hour_is_looked_at_again(gov_cloud: AccountId | None) -> None:
    given = Hardening()
    announced = replace(announcement(), gov_cloud_account_id=gov_cloud)
    given.run.run(announced, attempt=1, is_last=False)
    given.clock.move(timedelta(minutes=25))
    back(given, given.clock() - timedelta(seconds=5))
    again = replace(announced, trigger=ANOTHER, joined_by_event_at=given.clock())

    outcome = given.run.run(again, attempt=3, is_last=False)

    assert (outcome.result, outcome.attempt) == (Result.HARDENED, 3)
    assert not given.user.credentials
    with pytest.raises(AlreadyDone):
        given.run.run(again, attempt=1, is_last=False)


def test_what_failed_in_an_account_that_joined_again_is_tried_again() -> None:
    given = back_and_refused()
    with pytest.raises(RetryLater):
        run(given)
    given.sessions.refusals.clear()
    given.clock.move(timedelta(minutes=1))

    assert run(given, 2).result is Result.HARDENED


def test_an_account_that_organizations_does_not_know_may_be_about_to_join_again() -> None:
    given = Hardening()
    run(given)
    given.organization.accounts = {}
    given.clock.move(timedelta(minutes=1))

    with pytest.raises(RetryLater, match="does not know it now"):
        run(given)
    with pytest.raises(AlreadyDone):
        run(given, 8, is_last=True)


def test_an_account_that_was_proven_in_the_second_it_joined_did_not_join_again() -> None:
    joined = replace(member(), joined_at=NOON + timedelta(milliseconds=999))
    given = Hardening(account=joined)
    run(given)
    given.clock.move(timedelta(minutes=1))

    with pytest.raises(AlreadyDone):
        run(given)


def test_the_last_attempt_at_an_account_that_joined_again_gives_up() -> None:
    given = back_and_refused()

    with pytest.raises(GaveUp):
        run(given, 8, is_last=True)


def test_nobody_is_asked_about_an_event_of_no_account() -> None:
    given, skip = Hardening(), Skip(SkipReason.FOREIGN_ACCOUNT, "not ours")
    said = replace(announcement(), account_id=None, skip=skip, joined_by_event_at=NOON)
    given.run.run(said, attempt=1, is_last=False)
    given.run.run(said, attempt=1, is_last=False)

    assert given.line.calls.count("describe") == 0


def test_a_sweep_finds_what_was_proven_a_duplicate_without_asking() -> None:
    given = Hardening()
    run(given)
    asked = given.line.calls.count("describe")
    later = given.clock() + timedelta(minutes=1)
    again = replace(announcement(), ignores_recent_result=True, joined_by_event_at=later)
    given.run.run(again, attempt=1, is_last=False)
    with pytest.raises(AlreadyDone):
        given.run.run(again, attempt=1, is_last=False)

    assert given.line.calls.count("describe") == asked + 1


@pytest.mark.parametrize("said_at", [None, NOON - timedelta(minutes=3), NOON])
def test_what_was_said_of_an_earlier_time_is_a_duplicate_without_asking(said_at: datetime | None) -> None:
    given = Hardening()
    run(given)
    asked = given.line.calls.count("describe")

    with pytest.raises(AlreadyDone):
        given.run.run(replace(announcement(), joined_by_event_at=said_at), attempt=1, is_last=False)

    assert given.line.calls.count("describe") == asked
