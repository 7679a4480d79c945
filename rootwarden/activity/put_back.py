"""The command that puts a resource of the watch back, after a call that changed it or took it down."""

import shlex

from rootwarden.activity.role_policies import puts_others_policy_on
from rootwarden.activity.watched_resources import (
    BUS,
    DEFAULT_BUS,
    HUB,
    IN_REGION,
    ORGANIZATION,
    STACK_SETS,
    UPDATE_BUS,
    DeployedBy,
    WatchedResource,
    joins_others,
)
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.names import LONGEST_BEGINNING, STACK_SET

# Of a topic. An empty policy takes it away.
PROTECTS_DATA = "PutDataProtectionPolicy"
_HOME = "us-east-1"
_ROOT = "$(aws organizations list-roots --query 'Roots[0].Id' --output text)"
# Each as it is; none where the stack has none.
_PARAMETERS = (
    '$(stack describe-stacks --query "'
    "Stacks[].Parameters[].join('',['ParameterKey=',ParameterKey,',UsePreviousValue=true'])"
    '" --output text)'
)


def put_back(record: CloudTrailRecord, resource: WatchedResource) -> str:
    """Return the command that puts a resource of ours back, wherever it was deployed from."""
    if by_one_call := _by_one_call(record, resource):
        return by_one_call
    if resource.owner is DeployedBy.STACK_INSTANCE:
        return _stack_instance(record, resource.prefix)
    if resource.plain in STACK_SETS and record.event_name == "DeleteStackInstances":
        return "rootctl doctor --management-profile NAME"
    if record.event_name == "DeleteStack":
        return f"make deploy PREFIX={resource.prefix}" if resource.prefix else "make deploy"
    # A deployment of the template that is deployed already changes nothing.
    return revert(*_stack(record, resource))


def _by_one_call(record: CloudTrailRecord, resource: WatchedResource) -> str | None:
    """Return the one call that undoes this one; None where a deployment does."""
    if record.event_name == UPDATE_BUS and resource.name == DEFAULT_BUS:
        return f"aws events update-event-bus --region {shlex.quote(record.region)} --name {DEFAULT_BUS}"
    if record.event_name == "DisableRule":
        rule = shlex.quote(resource.name)
        bus = f" --event-bus-name {resource.prefix}{BUS}" if _is_on_bus(record, resource.prefix) else ""
        return f"aws events enable-rule --region {shlex.quote(record.region)} --name {rule}{bus}"
    if record.event_name.startswith("CreateEventSourceMapping") and joins_others(record, resource):
        return _mapping_off(record)
    if record.event_name == PROTECTS_DATA:
        return _data_protection_off(record)
    return _policy_off(record, resource)


def _data_protection_off(record: CloudTrailRecord) -> str | None:
    topic = record.detail.optional_text("requestParameters", "resourceArn")
    command = f"aws sns put-data-protection-policy --region {shlex.quote(record.region)}"
    return f"{command} --resource-arn {shlex.quote(topic)} --data-protection-policy ''" if topic else None


def _mapping_off(record: CloudTrailRecord) -> str | None:
    made = record.detail.optional_text("responseElements", "uUID")
    command = f"aws lambda delete-event-source-mapping --region {shlex.quote(record.region)}"
    return f"{command} --uuid {shlex.quote(made)}" if made else None


def _policy_off(record: CloudTrailRecord, resource: WatchedResource) -> str | None:
    """Return the command that takes somebody's policy off a role: CloudFormation leaves it, and the role."""
    if not puts_others_policy_on(record, resource):
        return None
    role = f"--role-name {shlex.quote(resource.name)}"
    arn = record.detail.optional_text("requestParameters", "policyArn")
    if record.event_name == "AttachRolePolicy":
        return f"aws iam detach-role-policy {role} --policy-arn {shlex.quote(arn)}" if arn else None
    name = record.detail.optional_text("requestParameters", "policyName") or ""
    return f"aws iam delete-role-policy {role} --policy-name {shlex.quote(name)}"


def revert(stack: str, region: str) -> str:
    """Return the command that brings a stack's resources back to what its template says.

    A change set that failed keeps its name, so each has its own. Where a template is deployed without CDK,
    it has parameters: CloudFormation refuses it where one without a default is not said.
    """
    where = f"--region {shlex.quote(region)} --stack-name {shlex.quote(stack)}"
    return (
        f'stack() {{ aws cloudformation "$@" {where}; }}; SET=put-back-$(date +%s);'
        ' stack create-change-set --change-set-name "$SET" --use-previous-template'
        f" --parameters {_PARAMETERS} --capabilities CAPABILITY_NAMED_IAM --deployment-mode REVERT_DRIFT"
        ' && stack wait change-set-create-complete --change-set-name "$SET"'
        ' && stack execute-change-set --change-set-name "$SET"'
    )


def revert_organization(prefix: str) -> str:
    """Return the command that brings the organization's stack back to what its template says."""
    return revert(f"{prefix}{ORGANIZATION}", _HOME)


def _stack_instance(record: CloudTrailRecord, prefix: str) -> str:
    # The second call is refused as long as the first one's operation goes on.
    return (
        f'instance() {{ aws cloudformation "$@" --region {_HOME} --stack-set-name {prefix}{STACK_SET}'
        f" --regions {_region(record)} --deployment-targets OrganizationalUnitIds={_ROOT}"
        f",Accounts={record.account_id},AccountFilterType=INTERSECTION; }};"
        " instance delete-stack-instances --no-retain-stacks &&"
        " until instance create-stack-instances; do sleep 20; done"
    )


def _is_on_bus(record: CloudTrailRecord, prefix: str) -> bool:
    bus = record.detail.optional_text("requestParameters", "eventBusName") or "default"
    return bus.rpartition("/")[2] == f"{prefix}{BUS}"


def _stack(record: CloudTrailRecord, resource: WatchedResource) -> tuple[str, str]:
    region = _region(record)
    if resource.owner is DeployedBy.HUB:
        return f"{resource.prefix}{HUB}", region
    if resource.plain.startswith(IN_REGION[: LONGEST_BEGINNING - len(resource.prefix)]):
        return f"{resource.prefix}{IN_REGION}{region}", region
    return f"{resource.prefix}{ORGANIZATION}", _HOME


def _region(record: CloudTrailRecord) -> str:
    # IAM has one Region for all: which stack's role it was, people must look up.
    return "REGION" if record.event_source == "iam.amazonaws.com" else shlex.quote(record.region)
