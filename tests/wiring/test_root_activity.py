"""Root is used somewhere in the organization → an alert a person can act on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.aws import LocalAws
from local.scenarios.scenario import Scenario
from tests.accounts import HUB, MANAGEMENT, MEMBER
from tests.wiring.sample_events import sample

Happen = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("name", "activity", "severity", "actor"),
    [
        ("root_console_login_success_no_mfa", "sign_in_succeeded", "critical", "sign_in"),
        ("root_api_console_session_enable_mfa", "credential_created", "critical", "console_session"),
        ("assume_root_call", "root_session_opened", "high", "principal"),
        ("assume_root_call_refused", "root_session_refused", "medium", "principal"),
        ("disable_root_credentials_management", "protection_weakened", "critical", "principal"),
        ("disable_trusted_access", "protection_weakened", "critical", "principal"),
        ("register_delegated_administrator_hub", "protection_changed", "low", "principal"),
        ("root_cli_login_authorized", "cli_session", "critical", "cli_login"),
        ("root_console_login_late", "sign_in_succeeded", "high", "sign_in"),
        ("root_console_login_management_account", "sign_in_succeeded", "critical", "sign_in"),
    ],
)
def test_what_any_rule_takes_alerts_by_every_channel(
    aws: LocalAws, happen: Happen, name: str, activity: str, severity: str, actor: str
) -> None:
    [outcome] = happen(sample(name, region="us-east-1"))

    detail = outcome["detail"]
    assert (detail["activity"], detail["severity"], detail["actor"]["kind"]) == (activity, severity, actor)
    assert detail["account"]["name"] in {"payments-prod", "management", "security"}
    assert [message.channel for message in aws.messages] == ["email", "chat", "slack"]
    assert aws.dead_letters == []


def test_a_session_of_ours_that_is_not_on_record_is_said_once_and_is_no_theft(
    aws: LocalAws, happen: Happen
) -> None:
    aws.extensions.faults.fail("PutItem", "AccessDeniedException", service="dynamodb", http=403)

    outcomes = happen(sample("create_account_result_succeeded"))

    said = [outcome["detail-type"] for outcome in outcomes]
    assert said == ["Root Sessions Not Recorded", "Account Hardening Result"]
    assert outcomes[0]["detail"]["sessions"][0]["accountId"] == MEMBER
    assert "root sessions of rootwarden not on record" in str(aws.messages[0])


def test_our_own_sessions_never_alert_although_cloudtrail_tells_of_all_of_them(
    aws: LocalAws, happen: Happen
) -> None:
    outcomes = happen(sample("create_account_result_succeeded"))

    assert {outcome["detail-type"] for outcome in outcomes} == {"Account Hardening Result"}
    verdicts = [line["verdict"] for line in aws.logs if "verdict" in line]
    assert len(verdicts) > 5
    assert set(verdicts) == {"our_own_session"}


def test_the_session_a_stranger_opened_is_told_by_its_access_key_even_without_the_flag(
    happen: Happen,
) -> None:
    outcomes = happen(
        sample("assume_root_call", region="us-east-1"), sample("root_session_api_call_without_flag")
    )

    assert [o["detail"]["actor"]["kind"] for o in outcomes] == ["principal", "root_session"]


def test_our_role_used_outside_its_function_is_reported_as_stolen(aws: LocalAws) -> None:
    [role] = {call.principal.role_arn for call in _hardened(aws).calls if call.operation == "AssumeRoot"}
    policy = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    aws.client_of_role("sts", str(role)).assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=policy)

    aws.run_until_idle()

    alert = aws.outcomes[-1]["detail"]
    assert (alert["activity"], alert["severity"]) == ("own_role_stolen", "critical")
    assert "outside its function" in alert["severityReason"]


def _hardened(aws: LocalAws) -> LocalAws:
    aws.deliver(sample("create_account_result_succeeded"))
    aws.run_until_idle()
    return aws


def test_a_real_stranger_is_seen_by_what_cloudtrail_tells_of_the_call(aws: LocalAws) -> None:
    Scenario(aws).assume_root_as_administrator(MEMBER)

    aws.run_until_idle()

    [outcome] = aws.outcomes
    assert outcome["detail"]["activity"] == "root_session_opened"
    assert outcome["detail"]["account"]["id"] == MEMBER
    assert outcome["detail"]["event"]["accountId"] == HUB


@pytest.mark.long
def test_one_principals_sessions_over_many_accounts_are_one_incident(aws: LocalAws) -> None:
    opened = [_opening(number, role) for number in range(5) for role in ("Operator", "Other")]
    for event in opened[:5]:
        aws.deliver(event)
    Scenario(aws).sign_in_as_root(MEMBER)
    for event in opened[5:]:
        aws.deliver(event)

    aws.run_until_idle()

    alerts = [o["detail"] for o in aws.outcomes if o["detail-type"] == "Root Activity Alert"]
    summaries = [o["detail"] for o in aws.outcomes if o["detail-type"] == "Root Activity Summary"]
    activities = [alert["activity"] for alert in alerts]
    assert sorted(activities) == ["root_session_opened", "root_session_opened", "sign_in_succeeded"]
    # Nothing waited for the incident's end.
    assert [o["detail"] for o in aws.outcomes] == [*alerts, *summaries]
    accounts = [f"10000000000{number}" for number in range(5)]
    assert {summary["actor"]["arn"].rpartition("/")[2] for summary in summaries} == {"Operator", "Other"}
    assert [(s["count"], s["accountCount"], s["accounts"]) for s in summaries] == 2 * [(5, 5, accounts)]
    texts = [message.body for message in aws.messages if message.channel == "email"]
    assert sum(", ".join(accounts) in text for text in texts) == 2
    assert aws.dead_letters == []


def _opening(number: int, role: str) -> dict[str, Any]:
    event = sample("assume_root_call", region="us-east-1")
    detail = event["detail"]
    detail["eventID"] = f"{role}-{number}"
    detail["requestParameters"]["targetPrincipal"] = f"10000000000{number}"
    detail["responseElements"]["credentials"]["accessKeyId"] = f"ASIA{role.upper()}{number}"
    for identity in (detail["userIdentity"], detail["userIdentity"]["sessionContext"]["sessionIssuer"]):
        identity["arn"] = identity["arn"].replace("SecurityOperator", role)
    return event


def test_disabling_a_feature_in_the_management_account_alerts(aws: LocalAws) -> None:
    aws.client("iam", account=MANAGEMENT).disable_organizations_root_sessions()

    aws.run_until_idle()

    [outcome] = aws.outcomes
    assert outcome["detail"]["activity"] == "protection_weakened"


def test_a_burst_alerts_at_once_and_is_summed_up_once(aws: LocalAws) -> None:
    scenario, began = Scenario(aws), aws.clock.now()
    for _ in range(7):
        scenario.sign_in_as_root(MEMBER, succeeded=False)
    scenario.sign_in_as_root(MEMBER, mfa=True)

    aws.run_until_idle()

    kinds = [(o["detail-type"], o["detail"].get("severity")) for o in aws.outcomes]
    assert kinds == [
        ("Root Activity Alert", "medium"),
        ("Root Activity Alert", "high"),
        ("Root Activity Alert", "critical"),
        ("Root Activity Summary", "high"),
    ]
    assert aws.outcomes[2]["detail"]["severityReason"].endswith(
        "after 7 failed attempts within the hour before"
    )
    assert (aws.outcomes[3]["detail"]["count"], aws.outcomes[3]["detail"]["alerted"]) == (7, 2)
    assert aws.clock.now() - began >= timedelta(minutes=15)


@pytest.mark.long
def test_a_flood_of_refusals_is_one_alert_one_summary_and_no_dead_letter(
    aws: LocalAws, happen: Happen
) -> None:
    refused = sample("assume_root_call_refused", region="us-east-1")
    flood = []
    for number in range(60):
        detail = {**refused["detail"], "eventID": f"refusal-{number}"}
        detail["requestParameters"] = {"targetPrincipal": f"{number:012}"}
        flood.append({**refused, "detail": detail})
    sign_in = sample("root_console_login_success_no_mfa", region="us-east-1")

    outcomes = happen(*flood[:30], sign_in, *flood[30:])

    kinds = [(o["detail-type"], o["detail"].get("severity")) for o in outcomes]
    # Refusals wait in a queue of their own, so that what came after thirty of them is told first.
    assert kinds == [
        ("Root Activity Alert", "critical"),
        ("Root Activity Alert", "medium"),
        ("Root Activity Summary", "medium"),
    ]
    assert outcomes[-1]["detail"]["count"] == 60
    assert aws.dead_letters == []
    # The caller's account, the first account reached for, and the one that was signed in to.
    assert sum(call.operation == "DescribeAccount" for call in aws.calls) <= 3


def test_each_act_after_a_critical_one_of_the_same_person_alerts(happen: Happen) -> None:
    names = ["root_creates_own_key", "root_mfa_deactivated", "root_trail_stopped", "root_left_organization"]
    acts = [sample(name, region="us-east-1") for name in names]
    again = {**acts[2], "detail": {**acts[2]["detail"], "eventID": "again"}}

    *alerts, summary = happen(*acts, again)

    origins = {(a["detail"]["actor"]["arn"], a["detail"]["event"]["sourceIp"]) for a in alerts}
    assert len(origins) == 1
    assert [(a["detail"]["event"]["name"], a["detail"]["severity"]) for a in alerts] == [
        ("CreateAccessKey", "critical"),
        ("DeactivateMFADevice", "critical"),
        ("StopLogging", "critical"),
        ("LeaveOrganization", "critical"),
    ]
    assert (summary["detail"]["count"], summary["detail"]["alerted"]) == (5, 4)


@pytest.mark.long
def test_a_command_line_session_alerts_once_and_its_refreshes_are_summed_up(aws: LocalAws) -> None:
    began, tries = aws.clock.now(), 4
    for number in range(tries):
        name = "root_cli_login_refreshed" if number else "root_cli_login_authorized"
        event = sample(name, region="us-east-1")
        event["detail"]["eventID"] = f"{name}-{number}"
        aws.deliver(event)

    aws.run_until_idle()

    alert, summary = aws.outcomes
    assert (alert["detail"]["activity"], alert["detail"]["severity"]) == ("cli_session", "critical")
    assert summary["detail"]["count"] == tries
    assert aws.clock.now() - began >= timedelta(hours=12)
    assert aws.dead_letters == []


def test_the_same_record_delivered_twice_alerts_once(happen: Happen) -> None:
    event = sample("root_console_login_failure")
    again = {**event, "id": "another-delivery"}

    assert len(happen(event, again)) == 1


def test_an_alert_goes_out_without_a_name_when_organizations_refuses(aws: LocalAws, happen: Happen) -> None:
    aws.extensions.faults.fail("DescribeAccount", "AccessDeniedException", times=None)

    [outcome] = happen(sample("root_console_login_success_no_mfa"))

    account = outcome["detail"]["account"]
    assert (account["id"], account["name"], account["organizationalUnit"]) == (MEMBER, None, None)
    assert "owner" not in account
