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


def test_what_comes_after_refusals_is_told_first(happen: Happen) -> None:
    refused = sample("assume_root_call_refused", region="us-east-1")
    flood = [
        {**refused, "detail": {**refused["detail"], "eventID": f"refusal-{number}"}} for number in range(30)
    ]

    outcomes = happen(*flood, sample("root_console_login_success_no_mfa", region="us-east-1"))

    # Refusals wait in a queue of their own.
    assert [outcome["detail"].get("severity") for outcome in outcomes] == ["critical", "medium", "medium"]
    assert outcomes[-1]["detail"]["count"] == 30
