"""Root access switched on, every account forwarding, and the guard rail."""

import json
from typing import Any

from rootwarden.contract import event_patterns as patterns
from rootwarden.contract import watch_patterns as watch
from rootwarden.contract.names import FORWARDING_POLICY
from rootwarden.contract.pattern import EventPattern
from tests.templates.synthesized import (
    HUB,
    MANAGEMENT,
    PROTECTING_POLICY,
    Deployment,
    Template,
    arn,
)

_HUB_BUS = arn(f"events:us-east-1:{HUB}:event-bus/rootwarden")


def test_calls_are_made_one_after_the_other(deployed: Deployment) -> None:
    calls = deployed.organization.of_type("Custom::AWS")
    order = _in_order(calls)
    assert [_call(calls[name])["action"] for name in order] == [
        "EnableAWSServiceAccess",
        "EnableOrganizationsRootCredentialsManagement",
        "EnableOrganizationsRootSessions",
        "ActivateOrganizationsAccess",
        "RegisterDelegatedAdministrator",
    ]


def test_calls_concern_iam_and_the_hub(deployed: Deployment) -> None:
    calls = [_call(call) for call in deployed.organization.of_type("Custom::AWS").values()]
    parameters = {call["action"]: call.get("parameters") for call in calls}
    assert parameters["EnableAWSServiceAccess"] == {"ServicePrincipal": "iam.amazonaws.com"}
    assert parameters["RegisterDelegatedAdministrator"] == {
        "AccountId": HUB,
        "ServicePrincipal": "iam.amazonaws.com",
    }


def test_only_an_administrator_registered_before_is_not_a_failure(deployed: Deployment) -> None:
    calls = [_call(call) for call in deployed.organization.of_type("Custom::AWS").values()]
    ignored = {
        call["action"]: call["ignoreErrorCodesMatching"]
        for call in calls
        if "ignoreErrorCodesMatching" in call
    }
    assert ignored == {"RegisterDelegatedAdministrator": "^AccountAlreadyRegisteredException$"}


def test_deleting_or_repeating_undoes_nothing(deployed: Deployment) -> None:
    for call in deployed.organization.properties("Custom::AWS"):
        assert "Delete" not in call
        assert call["Update"] == call["Create"]
        assert call["InstallLatestAwsSdk"] is False


def test_members_get_theirs_and_keep_nothing_when_they_leave(deployed: Deployment) -> None:
    [logical_id] = deployed.organization.of_type("AWS::CloudFormation::StackSet")
    stack_set = deployed.organization.body["Resources"][logical_id]
    properties = stack_set["Properties"]
    assert properties["PermissionModel"] == "SERVICE_MANAGED"
    assert properties["CallAs"] == "SELF"
    assert properties["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}
    [group] = properties["StackInstancesGroup"]
    assert group["DeploymentTargets"]["OrganizationalUnitIds"] == ["r-ab12"]
    assert group["Regions"] == ["us-east-1", "eu-west-1"]
    assert set(deployed.organization.of_type("Custom::AWS")) <= set(stack_set["DependsOn"])
    assert len(properties["TemplateBody"]) < 51_200


def test_members_forward_root_activity(deployed: Deployment) -> None:
    policies = watch.protecting_policies([{"Ref": "DenyRootPolicyId"}, PROTECTING_POLICY])
    assert _forwarded(deployed.member) == _documents((*patterns.ROOT_ACTIVITY, *watch.WATCH, *policies))


def test_members_have_one_policy_known_by_its_name(deployed: Deployment) -> None:
    [policy] = deployed.member.properties("AWS::IAM::Policy")
    assert policy["PolicyName"].startswith(FORWARDING_POLICY)


def test_the_deny_root_policys_id_reaches_every_rule_from_the_policy_itself(deployed: Deployment) -> None:
    [policy] = deployed.organization.of_type("AWS::Organizations::Policy")
    [stack_set] = deployed.organization.properties("AWS::CloudFormation::StackSet")
    assert list(deployed.member.body["Parameters"]) == ["DenyRootPolicyId"]
    assert stack_set["Parameters"] == [
        {"ParameterKey": "DenyRootPolicyId", "ParameterValue": {"Fn::GetAtt": [policy, "Id"]}}
    ]


def test_the_hub_takes_out_what_could_not_be_sent_by_one_role(deployed: Deployment) -> None:
    hub = {"AWS": arn(f"iam::{HUB}:root")}
    role = arn(f"iam::{HUB}:role/rootwarden-collect-undelivered")
    for template in (deployed.member, deployed.organization):
        [queue] = template.properties("AWS::SQS::Queue")
        assert queue["QueueName"] == "rootwarden-undelivered"
        [policy] = template.properties("AWS::SQS::QueuePolicy")
        open_to_hub = [s for s in policy["PolicyDocument"]["Statement"] if s["Principal"] == hub]
        assert [(sorted(s["Action"]), s.get("Condition")) for s in open_to_hub] == [
            (["sqs:GetQueueAttributes", "sqs:GetQueueUrl"], None),
            (["sqs:DeleteMessage", "sqs:ReceiveMessage"], {"ArnEquals": {"aws:PrincipalArn": role}}),
        ]
    [named] = [each for each in deployed.hub.properties("AWS::IAM::Role") if "RoleName" in each]
    assert named["RoleName"] == "rootwarden-collect-undelivered"


def test_management_account_forwards_the_organizations_events_too(deployed: Deployment) -> None:
    [policy] = deployed.organization.of_type("AWS::Organizations::Policy")
    policies = watch.protecting_policies([{"Fn::GetAtt": [policy, "Id"]}, PROTECTING_POLICY])
    assert _forwarded(deployed.organization) == _documents(
        (*patterns.FORWARDED, *watch.WATCH_IN_MANAGEMENT, *watch.WATCH_OF_ORGANIZATION, *policies)
    )


def test_management_account_forwards_from_the_other_regions(deployed: Deployment) -> None:
    regional = deployed.templates["RootWardenForwarding-eu-west-1"]
    assert _forwarded(regional) == _documents((*patterns.ROOT_ACTIVITY, *watch.WATCH_IN_MANAGEMENT))
    assert deployed.environments()[regional.name] == f"{MANAGEMENT}/eu-west-1"


def test_only_rules_of_the_own_account_take_the_forwarding_role(deployed: Deployment) -> None:
    for template in (deployed.organization, deployed.member):
        [rule, *_] = template.properties("AWS::Events::Rule")
        role_id = rule["Targets"][0]["RoleArn"]["Fn::GetAtt"][0]
        [trust] = template.body["Resources"][role_id]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "events.amazonaws.com"}
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_guard_rail_leaves_root_sessions_working(deployed: Deployment) -> None:
    [policy] = deployed.organization.properties("AWS::Organizations::Policy")
    [statement] = policy["Content"]["Statement"]
    assert policy["Type"] == "SERVICE_CONTROL_POLICY"
    assert policy["TargetIds"] == ["ou-ab12-22222222"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": arn("iam::*:root")},
        "Null": {"aws:AssumedRoot": "true"},
    }


def _in_order(calls: dict[str, dict[str, Any]]) -> list[str]:
    after = {call.get("DependsOn", [None])[0]: name for name, call in calls.items()}
    order: list[str] = []
    current = after.get(None)
    while current:
        order.append(current)
        current = after.get(current)
    return order


def _call(resource: dict[str, Any]) -> dict[str, Any]:
    call: dict[str, Any] = json.loads(resource["Properties"]["Create"])
    return call


def _forwarded(template: Template) -> list[str]:
    rules = template.properties("AWS::Events::Rule")
    assert all(rule["Targets"][0]["Arn"] == _HUB_BUS for rule in rules)
    assert not any("EventBusName" in rule for rule in rules)
    return sorted(_key(rule["EventPattern"]) for rule in rules)


def _documents(expected: tuple[EventPattern, ...]) -> list[str]:
    return sorted(_key(pattern.document()) for pattern in expected)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
