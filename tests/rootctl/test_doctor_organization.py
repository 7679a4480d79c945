"""rootctl doctor on the organization: protection, policies, trail and coverage."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from rootctl.errors import Exit
from rootwarden.aws.deployed import MemberForwarding
from rootwarden.events import AccountId
from rootwarden.report.deployment_checks import Instance
from tests.accounts import CLEAN, EXPOSED, MANAGEMENT
from tests.rootctl.conftest import DENY_ROOT
from tests.rootctl.diagnosed import doctor, statuses
from tests.rootctl.hub_account import (
    management_profile,
    record_everything,
)

pytestmark = pytest.mark.long


@pytest.fixture
def profile(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return management_profile(aws, tmp_path, monkeypatch)


def test_switched_off_protection_names_its_command(aws: LocalAws) -> None:
    aws.state.features.root_sessions = False

    found, code = doctor()

    assert code == Exit.FINDINGS
    [bad] = [each for each in found["features"] if each["status"] == "wrong"]
    assert bad["text"] == "RootSessions is off. The command takes credentials of the management account"
    assert bad["remedy"] == "aws iam enable-organizations-root-sessions"


def test_a_stranger_as_delegated_administrator_is_named(
    aws: LocalAws,
) -> None:
    aws.client("organizations", account=MANAGEMENT).register_delegated_administrator(
        AccountId=CLEAN, ServicePrincipal="iam.amazonaws.com"
    )
    try:
        found, _ = doctor()
    finally:
        aws.client("organizations", account=MANAGEMENT).deregister_delegated_administrator(
            AccountId=CLEAN, ServicePrincipal="iam.amazonaws.com"
        )

    [bad] = found["delegated administrator"]
    assert bad["status"] == "wrong"
    assert (
        f"deregister-delegated-administrator --service-principal iam.amazonaws.com --account-id {CLEAN}"
        in (bad["remedy"])
    )


def test_blocking_policies_come_with_their_remedy(aws: LocalAws) -> None:
    organizations = aws.client("organizations", account=MANAGEMENT)
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": DENY_ROOT}
    policy = organizations.create_policy(
        Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        Description="",
        Name="deny-root",
        Type="SERVICE_CONTROL_POLICY",
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=EXPOSED)
    try:
        found, _ = doctor()
    finally:
        organizations.detach_policy(PolicyId=policy, TargetId=EXPOSED)
        organizations.disable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")

    [bad] = found["service control policies"]
    assert bad["status"] == "wrong"
    assert "deny-root" in bad["text"]
    assert "aws:AssumedRoot" in bad["remedy"]


@pytest.mark.parametrize(
    ("change", "status", "said", "command"),
    [
        ({}, "ok", "records every management event", None),
        ({"logging": False}, "wrong", "does not record", "start-logging"),
        ({"selectors": "WriteOnly"}, "wrong", "leaves read management events out", "put-event-selectors"),
        ({"trail": {"IsOrganizationTrail": False}}, "unknown", "records 111122223333 only", "update-trail"),
    ],
    ids=["well", "stopped", "writes only", "one account"],
)
def test_the_trail(
    aws: LocalAws, profile: str, change: dict[str, Any], status: str, said: str, command: str | None
) -> None:
    client = record_everything(aws, **change.get("trail", {}))
    if not change.get("logging", True):
        client.stop_logging(Name="organization")
    if "selectors" in change:
        selectors = [{"ReadWriteType": change["selectors"], "IncludeManagementEvents": True}]
        client.put_event_selectors(TrailName="organization", EventSelectors=selectors)
    try:
        found, _ = doctor("--management-profile", profile)
    finally:
        client.delete_trail(Name="organization")

    [trail] = found["trail"]
    assert trail["status"] == status
    assert said in trail["text"]
    assert command is None or command in trail["remedy"]


def test_without_a_trail_nothing_arrives(aws: LocalAws) -> None:
    found, _ = doctor()

    [trail] = found["trail"]
    assert trail["status"] == "wrong"
    assert "create-trail" in trail["remedy"]
    assert aws.organization.hub.region in trail["text"]


def test_accounts_without_a_current_instance_are_named(
    aws: LocalAws, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [Instance(AccountId(each.id), "us-east-1", "CURRENT", None) for each in aws.organization.members]
    broken = [Instance(each.account, each.region, "OUTDATED", "role is gone") for each in every[:1]]
    monkeypatch.setattr(MemberForwarding, "instances", lambda _: iter([*broken, *every[2:]]))

    found, _ = doctor("--management-profile", profile)

    by_command = {each["remedy"].split()[2]: each for each in found["member forwarding"]}
    assert "OUTDATED (role is gone)" in by_command["update-stack-instances"]["text"]
    assert every[0].account in by_command["update-stack-instances"]["remedy"]
    assert every[1].account in by_command["create-stack-instances"]["text"]
    assert statuses(found["member forwarding"]) == {"wrong"}


def test_an_account_with_a_region_that_does_not_forward_is_named(aws: LocalAws, profile: str) -> None:
    opted_in = aws.state.opted_in
    opted_in[EXPOSED] = {"me-south-1"}
    opted_in[MANAGEMENT] = {"af-south-1"}
    organizations = aws.client("organizations", account=MANAGEMENT)
    try:
        [named] = doctor("--management-profile", profile)[0]["opted-in Regions"]
        organizations.disable_aws_service_access(ServicePrincipal="account.amazonaws.com")
        own, others = doctor("--management-profile", profile)[0]["opted-in Regions"]
    finally:
        opted_in.clear()

    assert named["status"] == "wrong"
    assert f"{EXPOSED}: me-south-1" in named["text"]
    assert "forwarding_regions" in named["remedy"]
    # The management account may always ask of itself; what it may not ask is never well.
    assert (own["status"], others["status"]) == ("wrong", "unknown")
    assert f"{MANAGEMENT}: af-south-1" in own["text"]
    assert EXPOSED not in own["text"] + others["text"]
    assert "account.amazonaws.com" in others["remedy"]
