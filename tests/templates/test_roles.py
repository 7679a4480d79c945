"""Each function's role: docs/permissions.md says what it may do, and what changes that is here."""

import json
from typing import Any

import pytest

from rootwarden.activity.put_back import put_back
from rootwarden.activity.watched_resources import DeployedBy, WatchedResource
from tests.templates.synthesized import MANAGEMENT, Deployment, Template, arn, synthesized
from tests.templates.test_functions import AUDIT, HANDLERS, HARDEN, REPORT
from tests.unit.sample_events import record, sample

_DEPLOYED_BY = {"RootWardenHub": DeployedBy.HUB, "member": DeployedBy.STACK_INSTANCE}
_PLAIN: dict[str, object] = {"hub_account_id": MANAGEMENT, "approval": {}, "slack": {}, "exemptions": []}


def test_every_function_has_a_role_of_its_own(deployed: Deployment) -> None:
    roles = {deployed.hub.role_of(handler) for handler in HANDLERS}
    assert len(roles) == len(HANDLERS)


@pytest.mark.long
def test_what_the_configuration_adds_to_the_sweeps_roles(deployed: Deployment) -> None:
    hub = synthesized(sweep={"mode": "enforce", "security_hub": True}).hub
    assert _actions(hub, AUDIT) - _actions(deployed.hub, AUDIT) == {
        "dynamodb:UpdateItem",
        "organizations:DescribeOrganizationalUnit",
        "organizations:ListTagsForResource",
    }
    assert (_tasks(deployed.hub, AUDIT), _tasks(hub, AUDIT)) == (
        ["IAMAuditRootUserCredentials"],
        ["IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials"],
    )
    assert _actions(hub, REPORT) - _actions(deployed.hub, REPORT) == {"securityhub:BatchImportFindings"}
    assert hub.function(AUDIT)["Environment"]["Variables"]["SWEEP_MODE"] == "enforce"
    assert hub.function(REPORT)["Environment"]["Variables"]["SECURITY_HUB"] == "true"


@pytest.mark.long
def test_where_nothing_is_enforced_no_role_may_delete() -> None:
    hub = synthesized(hardening=dict.fromkeys(("created", "invited", "existing"), "observe")).hub
    assert _tasks(hub, HARDEN) == ["IAMAuditRootUserCredentials"]
    assert "IAMDeleteRootUserCredentials" not in json.dumps(hub.body)
    modes = json.loads(hub.function(HARDEN)["Environment"]["Variables"]["HARDENING_MODES"])
    assert modes == {"created": "observe", "invited": "observe", "existing": "observe"}


@pytest.mark.long
def test_an_auditing_sweep_looks_no_account_up_where_no_exemption_names_a_unit(deployed: Deployment) -> None:
    assert "organizations:DescribeAccount" in _actions(deployed.hub, AUDIT)
    assert "organizations:DescribeAccount" not in _actions(synthesized(**_PLAIN).hub, AUDIT)


def test_no_policy_of_ours_is_taken_for_somebody_elses(deployed: Deployment) -> None:
    for template in deployed:
        owner = _DEPLOYED_BY.get(template.name, DeployedBy.ORGANIZATION)
        names = [policy["PolicyName"] for policy in template.properties("AWS::IAM::Policy")]
        for role in template.properties("AWS::IAM::Role"):
            names += [policy["PolicyName"] for policy in role.get("Policies", [])]
            # Where one is attached, taking it off would be no putting back.
            assert "ManagedPolicyArns" not in role
        for name in names:
            put = record(
                sample(
                    "forwarding_role_policy_deleted",
                    eventName="PutRolePolicy",
                    requestParameters={"roleName": "ROLE", "policyName": name},
                )
            )
            assert "delete-role-policy" not in put_back(put, WatchedResource("ROLE", owner)), name
        assert not template.properties("AWS::IAM::ManagedPolicy")


def test_a_hub_in_the_management_account_looks_at_its_own_root() -> None:
    hub = synthesized(**_PLAIN).hub
    [checks] = [s for s in hub.statements(hub.role_of(REPORT)) if s["Resource"] == "*"]
    assert "iam:GetAccountSummary" in checks["Action"]
    [members] = [s for s in hub.statements(hub.role_of(REPORT)) if "stackset" in str(s["Resource"])]
    assert members["Resource"] == arn(
        f"cloudformation:us-east-1:{MANAGEMENT}:stackset/rootwarden-forwarding*"
    )
    assert members["Action"] == ["cloudformation:DescribeStackSet", "cloudformation:ListStackInstances"]


def _actions(hub: Template, handler: str) -> set[str]:
    listed = [statement["Action"] for statement in hub.statements(hub.role_of(handler))]
    return {action for given in listed for action in ([given] if isinstance(given, str) else given)}


def _tasks(hub: Template, handler: str) -> list[str]:
    """Return the task policies of the root sessions that a function may open."""
    [sessions] = [s for s in hub.statements(hub.role_of(handler)) if s["Action"] == "sts:AssumeRoot"]
    policies: list[dict[str, Any]] = sessions["Condition"]["StringEquals"]["sts:TaskPolicyArn"]
    return [str(policy["Fn::Join"][1][-1]).rpartition("/")[2] for policy in policies]
