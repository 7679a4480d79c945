"""What one account's administrator can do to alerts about another: nothing."""

from typing import Any

import pytest

from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.bursts import BUDGET, BURST_LENGTH
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.names import NEVER_USED, OURS
from rootwarden.events import AccountId
from rootwarden.messages.activity_message import alert_message, summary_message
from rootwarden.messages.writing import write_email
from tests.unit.given import HUB, MANAGEMENT, MEMBER, Assessment
from tests.unit.sample_events import record, sample

OTHER = AccountId("555566667777")
ROOT_KEY = "AKIAIOSFODNN7EXAMPLE"


def assess(given: Assessment, event: dict[str, Any], *, is_collected: bool = False) -> ActivityVerdict:
    return given.assessor.assess(record(event), attempt=1, is_collected=is_collected)


@pytest.mark.parametrize("is_collected", [True, False])
@pytest.mark.parametrize("arn", [OURS, NEVER_USED])
def test_no_record_says_that_a_key_is_of_a_session_of_ours(arn: str, *, is_collected: bool) -> None:
    given = Assessment()
    forged = sample("assume_root_call")
    forged["account"] = OTHER
    forged["detail"]["userIdentity"]["arn"] = arn
    forged["detail"]["responseElements"]["credentials"]["accessKeyId"] = ROOT_KEY
    assess(given, forged, is_collected=is_collected)
    used = sample("root_api_long_term_key")
    used["detail"]["userIdentity"]["accessKeyId"] = ROOT_KEY

    assert assess(given, used) is ActivityVerdict.ALERTED

    assert not {OURS, NEVER_USED} & set(given.memory.openers.values())
    assert given.bus.alerts[-1].account.account_id == used["account"]


def test_a_record_from_an_accounts_own_queue_says_nothing_of_keys() -> None:
    given = Assessment()

    assess(given, sample("assume_root_call"), is_collected=True)

    assert given.memory.openers == {}


@pytest.mark.parametrize(("caller", "about"), [(OTHER, OTHER), (MANAGEMENT, MEMBER)])
def test_a_record_from_an_accounts_own_queue_is_about_that_account(
    caller: AccountId, about: AccountId
) -> None:
    given = Assessment()
    call = _close_account(caller, 1)

    assess(given, call, is_collected=True)

    assert given.bus.alerts[0].account.account_id == about


def test_refused_calls_from_another_account_cost_this_one_no_alert() -> None:
    given = Assessment()
    for number in range(BUDGET + 1):
        assess(given, _close_account(OTHER, number))
    assert {alert.assessment.severity for alert in given.bus.alerts} == {Severity.MEDIUM}
    assert len(given.bus.alerts) == BUDGET
    assert {reference.account.account_id for reference, _ in given.reminders.sent} == {OTHER}

    assert assess(given, sample("root_console_login_failure")) is ActivityVerdict.ALERTED


def planted(name: str, **changed: object) -> dict[str, Any]:
    """An event that an administrator of the member put into its queue."""
    return {**sample(name, eventID=f"planted-{name}", **changed), "account": MEMBER}


def said(given: Assessment) -> tuple[ActivityAlert, str]:
    """The last alert, and all that its message says."""
    alert = given.bus.alerts[-1]
    return alert, write_email(alert_message(alert, "us-east-1")).body


@pytest.mark.parametrize(
    ("name", "activity"),
    [
        # Whoever opened it, the hub's role did not: CloudTrail would have logged that in the hub.
        ("assume_root_call_own_role", Activity.ROOT_SESSION_OPENED),
        ("detach_deny_root_policy", Activity.WATCH_TAKEN_DOWN),
        ("forwarding_rule_disabled", Activity.WATCH_TAKEN_DOWN),
        ("disable_root_sessions", Activity.PROTECTION_WEAKENED),
    ],
)
def test_what_an_account_wrote_itself_alerts_without_a_command_that_it_chose(
    name: str, activity: Activity
) -> None:
    given = Assessment()
    event = planted(name)
    arn = event["detail"]["userIdentity"]["arn"] = (
        f"arn:aws:sts::{HUB}:assumed-role/HardenAccount/x:{MEMBER}:"
    )

    assert assess(given, event, is_collected=True) is ActivityVerdict.ALERTED

    alert, message = said(given)
    assert (alert.activity, alert.collected, alert.put_back) == (activity, True, None)
    assert alert.actor.arn == arn
    assert f"1. Before anything else, look in CloudTrail of account {MEMBER}" in message
    assert "It was brought in from the account's own queue of undelivered events" in message
    for harm in ("put-role-policy", "attach-policy", "take its permissions", "enable-rule"):
        assert harm not in message


def test_how_to_stop_a_principal_of_the_account_itself_is_said_all_the_same() -> None:
    given = Assessment()
    event = planted("forwarding_rule_disabled")
    event["detail"]["userIdentity"]["arn"] = f"arn:aws:sts::{MEMBER}:assumed-role/Admin/someone"

    assess(given, event, is_collected=True)

    assert (
        f"with credentials of account {MEMBER}: aws iam put-role-policy --role-name Admin" in said(given)[1]
    )


@pytest.mark.parametrize(
    "name",
    [
        "root_console_login_success_no_mfa",
        "root_console_login_success_mfa",
        "root_console_login_failure",
        "root_check_mfa",
    ],
)
def test_what_an_account_wrote_itself_swallows_no_event_and_changes_none(name: str) -> None:
    given, alone = Assessment(), Assessment()
    for number in range(BUDGET + 1):
        forged = planted(name)
        forged["detail"] |= {"eventID": f"forged-{number}", "sourceIPAddress": f"192.0.2.{number}"}
        assess(given, forged, is_collected=True)
    real = sample(name)

    assert assess(given, real) is ActivityVerdict.ALERTED

    assess(alone, real)
    assert given.bus.alerts[-1] == alone.bus.alerts[-1]
    assert given.sign_ins.kept == alone.sign_ins.kept
    assert given.memory.reports == alone.memory.reports


def test_a_summary_of_what_an_account_wrote_itself_says_so() -> None:
    given = Assessment()
    for number in range(3):
        event = planted("root_console_login_failure")
        event["detail"]["eventID"] = f"forged-{number}"
        assess(given, event, is_collected=True)
    given.clock.move(BURST_LENGTH)

    [(reference, burst)] = given.reminders.sent
    given.grouping.summarise(reference, burst.opened_at)

    [summary] = given.bus.summaries
    assert summary.collected
    assert "those that are not in CloudTrail are forged" in summary_message(summary, "us-east-1").done


def _close_account(caller: AccountId, number: int) -> dict[str, Any]:
    call = sample("close_account")
    call["account"] = call["detail"]["recipientAccountId"] = caller
    call["detail"] |= {"eventID": f"call-{number}", "errorCode": "AccessDeniedException"}
    call["detail"]["requestParameters"] = {"accountId": MEMBER}
    identity = call["detail"]["userIdentity"]
    identity |= {"accountId": caller, "arn": f"arn:aws:sts::{caller}:assumed-role/Dev-{number}/dev"}
    identity["sessionContext"]["sessionIssuer"]["arn"] = f"arn:aws:iam::{caller}:role/Dev-{number}"
    return call
