"""The commands that put the watch back, in full: people paste them into a shell in a bad hour."""

import json
import re
import subprocess
from typing import Any

import pytest

from rootwarden.activity.watch import Watch
from tests.unit.given import HUB, MANAGEMENT, MEMBER
from tests.unit.sample_events import record, sample

OURS = Watch(management_account_id=MANAGEMENT, hub_account_id=HUB)
SECOND = Watch(management_account_id=MANAGEMENT, hub_account_id=HUB, name_prefix="test-")


def reverted(stack: str, region: str = "us-east-1") -> str:
    return (
        f'stack() {{ aws cloudformation "$@" --region {region} --stack-name {stack}; }};'
        " SET=put-back-$(date +%s);"
        ' stack create-change-set --change-set-name "$SET" --use-previous-template'
        """ --parameters $(stack describe-stacks --query "Stacks[].Parameters[].join('',"""
        """['ParameterKey=',ParameterKey,',UsePreviousValue=true'])" --output text)"""
        " --capabilities CAPABILITY_NAMED_IAM --deployment-mode REVERT_DRIFT"
        ' && stack wait change-set-create-complete --change-set-name "$SET"'
        ' && stack execute-change-set --change-set-name "$SET"'
    )


def deployed_again(region: str, stack_set: str = "rootwarden-forwarding") -> str:
    return (
        f'instance() {{ aws cloudformation "$@" --region us-east-1 --stack-set-name {stack_set}'
        f" --regions {region} --deployment-targets OrganizationalUnitIds="
        "$(aws organizations list-roots --query 'Roots[0].Id' --output text)"
        f",Accounts={MEMBER},AccountFilterType=INTERSECTION; }};"
        " instance delete-stack-instances --no-retain-stacks"
        " && until instance create-stack-instances; do sleep 20; done"
    )


def asked(**parameters: str) -> dict[str, Any]:
    return {"requestParameters": parameters}


def named(event: str, **parameters: str) -> dict[str, Any]:
    return {"eventName": event, **asked(**parameters)}


ON_BUS = "aws events enable-rule --region us-east-1 --name RootWardenHub-Rule-1 --event-bus-name rootwarden"
BUS_ARN = f"arn:aws:events:us-east-1:{HUB}:event-bus/rootwarden"
ROLE = "StackSet-rootwarden-forw-ForwardingRole-1"
# Without a key EventBridge takes one that AWS owns.
DEFAULT_BUS = "aws events update-event-bus --region us-east-1 --name default"
ENABLE_TYPE = "aws organizations enable-policy-type --root-id r-ab12 --policy-type"

BY_A_PERSON = {
    "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{MANAGEMENT}:assumed-role/Admin/op"}
}

COMMANDS = [
    # sample, account, changed fields, command
    ("forwarding_rule_deleted", MEMBER, {}, deployed_again("us-east-1")),
    ("forwarding_rule_deleted", MEMBER, {"awsRegion": "eu-west-1"}, deployed_again("eu-west-1")),
    (
        "forwarding_rule_disabled",
        MEMBER,
        {},
        (
            "aws events enable-rule --region us-east-1"
            " --name StackSet-rootwarden-forw-ForwardingRootApiCallRule-1ABCDEFGHIJKL"
        ),
    ),
    ("default_bus_given_a_key", MEMBER, {}, DEFAULT_BUS),
    ("default_bus_given_a_key", HUB, asked(kmsKeyIdentifier="a key"), DEFAULT_BUS),
    ("forwarding_queue_purged", MEMBER, {}, deployed_again("us-east-1")),
    # A role is in no Region: people must look its stack's up.
    ("forwarding_role_policy_deleted", MEMBER, {}, deployed_again("REGION")),
    # CloudFormation deletes no role that has a policy of somebody else, and takes none off.
    (
        "forwarding_role_policy_deleted",
        MEMBER,
        named("AttachRolePolicy", roleName=ROLE, policyArn="arn:aws:iam::aws:policy/AWSDenyAll"),
        f"aws iam detach-role-policy --role-name {ROLE} --policy-arn arn:aws:iam::aws:policy/AWSDenyAll",
    ),
    (
        "forwarding_role_policy_deleted",
        HUB,
        named("AttachRolePolicy", roleName="RootWardenHub-Role-1", policyArn="x; y"),
        "aws iam detach-role-policy --role-name RootWardenHub-Role-1 --policy-arn 'x; y'",
    ),
    (
        "forwarding_role_policy_deleted",
        MEMBER,
        named("AttachRolePolicy", roleName="stacksets-exec-0a1b", policyArn="arn:aws:iam::aws:policy/Any"),
        deployed_again("REGION"),
    ),
    (
        "forwarding_role_policy_deleted",
        MEMBER,
        named("PutRolePolicy", roleName=ROLE, policyName="deny"),
        f"aws iam delete-role-policy --role-name {ROLE} --policy-name deny",
    ),
    (
        "forwarding_role_policy_deleted",
        MEMBER,
        named("PutRolePolicy", roleName=ROLE, policyName="ForwardingRoleDefaultPolicyCADD92CF"),
        deployed_again("REGION"),
    ),
    (
        "forwarding_role_policy_deleted",
        HUB,
        named("PutRolePolicy", roleName="RootWardenHub-Role-1", policyName="RoleDefaultPolicy12CD9B29"),
        reverted("RootWardenHub", "REGION"),
    ),
    (
        "forwarding_role_policy_deleted",
        MEMBER,
        named("AttachRolePolicy", roleName=ROLE),
        deployed_again("REGION"),
    ),
    (
        "forwarding_role_policy_deleted",
        MANAGEMENT,
        asked(roleName="ROOTWARDENFORWARDING-EU-WEST-1-ROLE-1"),
        reverted("RootWardenForwarding-REGION", "REGION"),
    ),
    (
        "forwarding_role_policy_deleted",
        HUB,
        asked(roleName="RootWardenHub-Role-1"),
        reverted("RootWardenHub", "REGION"),
    ),
    ("forwarding_rule_disabled", HUB, asked(name="RootWardenHub-Rule-1", eventBusName="rootwarden"), ON_BUS),
    ("forwarding_rule_disabled", HUB, asked(name="RootWardenHub-Rule-1", eventBusName=BUS_ARN), ON_BUS),
    (
        "forwarding_rule_disabled",
        HUB,
        asked(name="RootWardenHub-Rule-1"),
        ON_BUS.partition(" --event-bus")[0],
    ),
    ("hub_bus_policy_changed", HUB, {}, reverted("RootWardenHub")),
    ("hub_bus_policy_changed", HUB, {"awsRegion": "eu-west-1"}, reverted("RootWardenHub", "eu-west-1")),
    (
        "forwarding_rule_deleted",
        MANAGEMENT,
        asked(name="RootWardenForwarding-eu-west-1-Rule-1") | {"awsRegion": "eu-west-1"},
        reverted("RootWardenForwarding-eu-west-1", "eu-west-1"),
    ),
    (
        "forwarding_rule_deleted",
        MANAGEMENT,
        asked(name="RootWardenOrganization-Rule-1"),
        reverted("RootWardenOrganization"),
    ),
    ("hub_stack_deployed", HUB, {"eventName": "DeleteStack"}, "make deploy"),
    # The template is the same as before: a deployment changes nothing.
    (
        "stack_set_updated_by_deployment",
        MANAGEMENT,
        {"eventName": "UpdateStackSet", "sourceIPAddress": "198.51.100.7", **BY_A_PERSON},
        reverted("RootWardenOrganization"),
    ),
    (
        "stack_set_updated_by_deployment",
        MANAGEMENT,
        {"eventName": "DeleteStackSet"},
        reverted("RootWardenOrganization"),
    ),
    (
        "stack_set_updated_by_deployment",
        MANAGEMENT,
        {"eventName": "DeleteStackInstances"},
        "rootctl doctor --management-profile NAME",
    ),
    (
        "disable_stack_sets_access",
        MANAGEMENT,
        {},
        "aws cloudformation activate-organizations-access --region us-east-1",
    ),
    (
        "deactivate_stack_sets_access",
        MANAGEMENT,
        {},
        "aws cloudformation activate-organizations-access --region us-east-1",
    ),
    (
        "disable_cloudtrail_access",
        MANAGEMENT,
        {},
        (
            "aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com"
            " && aws cloudtrail update-trail --region REGION --name TRAIL --is-organization-trail"
        ),
    ),
    (
        "deregister_stack_sets_administrator",
        MANAGEMENT,
        {},
        (
            "aws organizations register-delegated-administrator --account-id 555566667777"
            " --service-principal member.org.stacksets.cloudformation.amazonaws.com"
        ),
    ),
    (
        "deregister_stack_sets_administrator",
        MANAGEMENT,
        asked(servicePrincipal="member.org.stacksets.cloudformation.amazonaws.com"),
        (
            "aws organizations register-delegated-administrator --account-id ACCOUNT"
            " --service-principal member.org.stacksets.cloudformation.amazonaws.com"
        ),
    ),
    (
        "detach_deny_root_policy",
        MANAGEMENT,
        {},
        "aws organizations attach-policy --policy-id p-denyroot1 --target-id ou-ab12-11111111",
    ),
    (
        "detach_deny_root_policy",
        MANAGEMENT,
        asked(targetId="ou-ab12-11111111"),
        reverted("RootWardenOrganization"),
    ),
    (
        "detach_deny_root_policy",
        MANAGEMENT,
        {"eventName": "UpdatePolicy"},
        reverted("RootWardenOrganization"),
    ),
    (
        "detach_deny_root_policy",
        MANAGEMENT,
        {"eventName": "DeletePolicy", "requestParameters": None},
        reverted("RootWardenOrganization"),
    ),
    (
        "detach_deny_root_policy",
        MANAGEMENT,
        named("DisablePolicyType", rootId="r-ab12", policyType="RESOURCE_CONTROL_POLICY"),
        f"{ENABLE_TYPE} RESOURCE_CONTROL_POLICY",
    ),
    (
        "detach_deny_root_policy",
        MANAGEMENT,
        named("DisablePolicyType", rootId="r-ab12"),
        f"{ENABLE_TYPE} SERVICE_CONTROL_POLICY",
    ),
    ("detach_deny_root_policy", MANAGEMENT, named("DisablePolicyType"), reverted("RootWardenOrganization")),
]


def put_back(watch: Watch, event: dict[str, Any]) -> str | None:
    found = watch.finding(record(event))
    assert found is not None
    return found.put_back


def seconds(text: str) -> str:
    """Return a text with the names of a second deployment in place of the first's."""
    return re.sub("rootwarden", r"test-\g<0>", text, flags=re.IGNORECASE)


@pytest.mark.parametrize("command", sorted({row[3] for row in COMMANDS}))
def test_a_shell_reads_the_command(command: str) -> None:
    subprocess.run(["/bin/bash", "-n", "-c", command], check=True)  # noqa: S603 - our own commands


@pytest.mark.parametrize(("name", "account", "changed", "command"), COMMANDS)
def test_the_command_puts_back_what_was_taken(
    name: str, account: str, changed: dict[str, Any], command: str
) -> None:
    assert put_back(OURS, sample(name, **changed) | {"account": account}) == command


# CloudFormation has cut the stack's name at 24 characters.
CUT = [
    ("forwarding_rule_deleted", MANAGEMENT, asked(name=f"{cut}-Rule-1"), reverted(stack))
    for cut, stack in (
        ("RootWardenForwardin", "RootWardenForwarding-us-east-1"),
        ("RootWardenOrganizat", "RootWardenOrganization"),
    )
]


@pytest.mark.parametrize(("name", "account", "changed", "command"), [*COMMANDS, *CUT])
def test_the_command_of_a_second_deployment_names_its_own(
    name: str, account: str, changed: dict[str, Any], command: str
) -> None:
    event = json.loads(seconds(json.dumps(sample(name, **changed) | {"account": account})))

    expected = seconds(command).replace("make deploy", "make deploy PREFIX=test-")
    assert put_back(SECOND, event) == expected
