"""An account is announced → it loses its root credentials → one outcome says so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.scenarios.scenario import Scenario
from tests.accounts import MEMBER
from tests.wiring.sample_events import sample

Happen = Callable[..., list[dict[str, Any]]]
NEW = "777788889999"
ANNOUNCEMENTS = (
    "create_account_result_succeeded",
    "account_joined_organization_invited",
    "account_joined_organization_created",
    "account_joined_organization_api_call",
    "account_joined_organization_nested",
    "accept_handshake",
    "controltower_create_managed_account",
    "controltower_update_managed_account",
    "controltower_enable_baseline",
    "controltower_update_enabled_baseline",
)
ONE_PER_RULE = (
    "create_account_result_succeeded",
    "account_joined_organization_invited",
    "accept_handshake",
    "controltower_enable_baseline",
)


@pytest.mark.parametrize("name", ONE_PER_RULE)
def test_what_any_rule_takes_ends_in_a_hardened_account(aws: LocalAws, happen: Happen, name: str) -> None:
    [outcome] = happen(sample(name))

    assert outcome["detail"]["result"] == "hardened"
    assert outcome["detail"]["account"] == {
        "id": MEMBER,
        "name": "payments-prod",
        "organizationalUnit": "ou-ab12-11111111",
        "organizationalUnits": ["ou-ab12-11111111"],
        "unitPath": "Root / Workloads",
        "owner": "payments-team",
    }
    assert [c["kind"] for c in outcome["detail"]["removed"]].count("access_key") == 2
    assert not any(aws.posture(MEMBER).values())
    sessions = [call.parameters for call in aws.calls if call.operation == "AssumeRoot"]
    assert [each["TaskPolicyArn"]["arn"].rpartition("/")[2] for each in sessions] == [
        "IAMAuditRootUserCredentials",
        "IAMDeleteRootUserCredentials",
    ]
    assert all(60 <= each["DurationSeconds"] <= 900 for each in sessions)
    assert aws.dead_letters == []
    assert aws.lost_events == []


def test_all_events_that_announce_one_account_yield_one_outcome_and_one_message(
    aws: LocalAws, happen: Happen
) -> None:
    outcomes = happen(*(sample(name) for name in ANNOUNCEMENTS))

    assert [outcome["detail"]["result"] for outcome in outcomes] == ["hardened"]
    assert [message.channel for message in aws.messages] == ["email", "chat", "slack"]


def test_an_account_that_existed_before_is_only_observed_whatever_event_names_it(
    aws: LocalAws, happen: Happen
) -> None:
    aws.state.records.get_account_by_id(MEMBER).create_time -= timedelta(days=400)

    [observed] = happen(
        sample("controltower_update_managed_account"), sample("controltower_update_enabled_baseline")
    )

    everything = dict.fromkeys(("password", "accessKeys", "signingCertificates", "mfaDevices"), True)
    detail = observed["detail"]
    assert (detail["result"], detail["reason"]["code"]) == ("observed", "only_observed")
    assert (detail["removed"], detail["before"], detail["after"]) == ([], everything, everything)
    assert all(aws.posture(MEMBER).values())
    assert (detail["mode"], len(detail["wouldRemove"])) == ("observe", 5)
    assert {call.operation for call in aws.calls if call.service in {"sts", "iam"}} == {
        "AssumeRoot",
        "GetAccountSummary",
        "GetAccessKeyLastUsed",
        "GetUser",
        "ListAccessKeys",
        "ListSigningCertificates",
        "ListMFADevices",
    }
    assert "root credentials found and left" in (aws.messages[0].subject or "")


def test_a_gov_cloud_account_is_named_though_its_sister_was_proven_a_moment_ago(
    aws: LocalAws, happen: Happen
) -> None:
    outcomes = happen(sample("controltower_enable_baseline"), sample("create_account_result_govcloud"))

    assert [outcome["detail"]["result"] for outcome in outcomes] == ["hardened", "clean"]
    assert outcomes[-1]["detail"]["govCloudAccountId"] == "777788889999"
    assert any("GovCloud account 777788889999" in message.body for message in aws.messages)


def test_an_account_that_left_and_joined_again_within_the_hour_is_hardened_afresh(
    aws: LocalAws, happen: Happen
) -> None:
    scenario = Scenario(aws)
    happen(sample("create_account_result_succeeded"))
    scenario.remove_account(MEMBER)
    aws.run_until_idle()
    scenario.invite_account(Account(id=MEMBER, name="payments-prod", root=RootCredentials(password=True)))

    outcomes = happen()

    assert [outcome["detail-type"] for outcome in outcomes] == [
        "Account Hardening Result",
        "Account Left Organization",
        "Account Hardening Result",
    ]
    assert outcomes[-1]["detail"]["result"] == "hardened"
    assert not any(aws.posture(MEMBER).values())


def test_a_brand_new_account_that_refuses_root_sessions_is_retried_until_it_does_not(
    aws: LocalAws, happen: Happen
) -> None:
    account = Account(
        id=NEW, name="data-lake", refuses_assume_root_for=300, root=RootCredentials(password=True)
    )
    Scenario(aws).create_account(account)

    outcomes = happen()

    first, last = outcomes[0]["detail"], outcomes[-1]["detail"]
    assert (first["result"], first["willRetry"]) == ("unreachable", True)
    assert first["reason"]["code"] == "AccessDenied"
    assert (last["result"], last["willRetry"]) == ("hardened", False)
    assert len(outcomes) == 2
    assert not any(aws.posture(NEW).values())
    assert {message.channel for message in aws.messages} == {"email", "chat", "slack"}
    assert len(aws.messages) == 3


def test_an_account_that_stays_out_of_reach_ends_in_the_dead_letter_queue_and_people_know(
    aws: LocalAws, happen: Happen
) -> None:
    aws.client("iam", account="111122223333").disable_organizations_root_credentials_management()

    outcomes = happen(sample("create_account_result_succeeded"))

    results = [o["detail"] for o in outcomes if o["detail-type"] == "Account Hardening Result"]
    assert [(r["result"], r["willRetry"]) for r in results] == [
        ("unreachable", True),
        ("unreachable", False),
    ]
    assert results[-1]["attempt"] == 8
    assert "feature is not enabled" in results[-1]["reason"]["text"]
    [letter] = aws.dead_letters
    assert "HardenAccountDeadLetters" in letter.queue
    assert any("could not be checked" in (m.subject or "") for m in aws.messages)


def test_an_account_that_is_closed_is_forgotten_and_announced_once(aws: LocalAws, happen: Happen) -> None:
    happen(sample("create_account_result_succeeded"))
    aws.state.set_state(MEMBER, "SUSPENDED")

    outcome = happen(sample("close_account_result"))[-1]

    assert outcome["detail-type"] == "Account Left Organization"
    assert outcome["detail"]["account"]["name"] == "payments-prod"
    assert outcome["detail"]["lastResult"] == "hardened"

    aws.clock.advance(90 * 24 * 3600)
    aws.state.leave(MEMBER)
    sent = len(aws.messages)
    assert happen(sample("account_departed_organization_cleaned"))[-1] == outcome
    assert len(aws.messages) == sent
