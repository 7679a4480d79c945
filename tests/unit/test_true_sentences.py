"""Sentences of messages that would be untrue in some case."""

import pytest
from msgspec import structs

from rootwarden.activity.outcomes import ActivitySummary
from rootwarden.contract.activities import Activity
from rootwarden.coverage.paths import PathTotals
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import HARDENING_REQUEST, SWEEP, WINDOW_CLOSED, HardeningOutcome
from rootwarden.messages.activity_message import alerted_in_words
from rootwarden.messages.hardening_message import hardening_message
from rootwarden.messages.sessions_message import sessions_message
from rootwarden.messages.sweep_message import sweep_message
from rootwarden.outcomes import SessionsNotRecorded, UnrecordedSession
from rootwarden.sweep.outcome import SweepCompleted
from tests.unit import stories
from tests.unit.fakes import NOON


@pytest.mark.parametrize(
    ("event", "begins"),
    [
        (HARDENING_REQUEST, "Somebody asked for the account to be hardened"),
        (WINDOW_CLOSED, "The account's recovery window was closed"),
        (SWEEP, "A sweep came to the account"),
        ("CreateAccountResult", "The account was announced (CreateAccountResult)"),
    ],
)
def test_an_account_that_was_left_alone_is_said_to_be_announced_where_it_was(event: str, begins: str) -> None:
    skipped = stories.skipped_exempt()
    assert isinstance(skipped, HardeningOutcome)
    trigger = structs.replace(skipped.trigger, event_name=event)

    announcement = hardening_message(structs.replace(skipped, trigger=trigger), "us-east-1")

    assert announcement
    assert announcement.happened.startswith(begins)
    assert announcement.happened.endswith("was not looked at.")


def sweep_of(name: str) -> SweepCompleted:
    found = getattr(stories, name)()
    assert isinstance(found, SweepCompleted)
    return found


def test_what_a_partly_hardened_account_has_is_not_said_where_it_is_not_known() -> None:
    announcement = sweep_message(sweep_of("sweep_left_credentials"), "us-east-1")

    assert announcement
    assert [label for label, _ in announcement.where] == ["Partly hardened"]


def test_a_path_that_never_worked_is_not_said_to_work_no_longer() -> None:
    paths = PathTotals(proven=1, silent=1, not_possible=0, waiting=0, lost=0)

    announcement = sweep_message(
        structs.replace(sweep_of("sweep_found_credentials"), coverage=paths), "us-east-1"
    )

    assert announcement
    [step] = [step for step in announcement.next_steps if "root's events" in step]
    assert "no longer" not in step


@pytest.mark.parametrize(
    ("activities", "said"),
    [
        ((Activity.SIGN_IN_SUCCEEDED,), "All are in CloudTrail."),
        ((Activity.SIGN_IN_ANOMALY,), "All but AWS Sign-In's own alerts are in CloudTrail."),
    ],
)
def test_cloudtrail_is_not_said_to_have_the_alerts_of_aws_sign_in(
    activities: tuple[Activity, ...], said: str
) -> None:
    summary = stories.burst_summary()
    assert isinstance(summary, ActivitySummary)

    assert alerted_in_words(structs.replace(summary, activities=activities)).endswith(said)


@pytest.mark.parametrize(("count", "where"), [(2, "1 more account"), (3, "2 more accounts")])
def test_one_more_account_is_one(count: int, where: str) -> None:
    sessions = tuple(
        UnrecordedSession(account_id=AccountId(f"44445555666{number}"), access_key_id="ASIAIOSFODNN7EXAMPLE")
        for number in range(count)
    )

    announcement = sessions_message(SessionsNotRecorded(sessions=sessions, occurred_at=NOON), "us-east-1")

    assert announcement.account.name == f"444455556660 and {where}"
