"""Sentences of messages that would be untrue in some case."""

import pytest
from msgspec import structs

from rootwarden.activity.outcomes import ActivitySummary
from rootwarden.contract.activities import Activity
from rootwarden.contract.configured import Mode
from rootwarden.coverage.paths import PathTotals
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import HARDENING_REQUEST, SWEEP, WINDOW_CLOSED, HardeningOutcome
from rootwarden.messages.activity_message import alerted_in_words
from rootwarden.messages.compose import compose
from rootwarden.messages.hardening_message import hardening_message
from rootwarden.messages.sessions_message import sessions_message
from rootwarden.messages.sweep_message import sweep_message
from rootwarden.outcomes import AccountReference, SessionsNotRecorded, UnrecordedSession
from rootwarden.sweep.outcome import SweepCompleted
from tests.unit import stories
from tests.unit.fakes import NOON
from tests.unit.report_given import Given, account, exposed, unreachable
from tests.unit.test_messages import on_the_bus


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


CLOSE = f"rootctl recovery close {account(3)}"


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.ENFORCE])
def test_no_command_that_an_open_recovery_window_refuses_is_said(mode: Mode) -> None:
    found = structs.replace(sweep_of("sweep_found_a_key_within_a_window"), mode=mode)

    announcement = sweep_message(found, "us-east-1")

    assert announcement
    close, then, report = announcement.next_steps
    assert close.endswith(f": {CLOSE}")
    assert f": rootctl harden {account(3)} --remove-recently-used --reason" in then
    assert report.endswith("rootctl report")
    assert "recovery window open" in announcement.where[0][1]


@pytest.mark.parametrize(
    ("mode", "besides"), [(Mode.OBSERVE, "sweep.mode to enforce"), (Mode.ENFORCE, "could not be removed")]
)
@pytest.mark.parametrize("is_named", [True, False])
def test_what_is_to_be_removed_elsewhere_is_said_beside_it(
    mode: Mode, besides: str, *, is_named: bool
) -> None:
    found = structs.replace(sweep_of("sweep_found_a_key_within_a_window"), mode=mode)
    other = structs.replace(found.in_question[0], account=AccountReference(account_id=account(2)))
    other = structs.replace(other, has_recovery_window=False)
    totals = structs.replace(found.totals, exposed=2, needs_attention=2)
    named = (*found.in_question, other) if is_named else found.in_question
    announcement = sweep_message(structs.replace(found, totals=totals, in_question=named), "us-east-1")

    assert announcement
    steps = "\n".join(announcement.next_steps)
    assert (f"rootctl harden {account(2)} --reason" in steps) == is_named
    assert besides in steps
    assert CLOSE in steps


def test_an_exempt_account_s_credentials_are_no_step() -> None:
    exemption = {"reason": "break glass", "until": "2026-12-31"}
    report = Given().sweep(exposed(1, exemption=exemption), unreachable(2))

    announcement = compose(on_the_bus(stories.completed(report)))

    assert announcement
    assert not any("enforce" in step for step in announcement.next_steps)


def test_an_alert_within_a_window_says_the_command_that_works() -> None:
    announcement = compose(on_the_bus(stories.password_recovery_during_a_recovery_window()))

    assert announcement
    said = "\n".join(announcement.next_steps)
    assert "rootctl harden" not in said.partition("rootctl recovery close 444455556666\n")[0]
    assert "When the hardening after that has ended" in said


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
