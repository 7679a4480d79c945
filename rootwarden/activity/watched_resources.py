"""Which of the watch's own resources a call names, and whose they are.

CloudFormation begins the names it makes up with the stack's name, cut at some 24 characters where a
name may have 64, so the beginnings here are shorter than that.
"""

import re
import shlex
from dataclasses import dataclass
from enum import Enum

from rootwarden.activity.classification import was_refused_or_failed
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.names import (
    CANARY_STACK_SET,
    FORWARDING_POLICY,
    LONGEST_BEGINNING,
    STACK_SET,
    beginning,
    without_prefix,
)
from rootwarden.events import AccountId

# The second one is there where canary units are configured.
STACK_SETS = (STACK_SET, CANARY_STACK_SET)
_BUS = "rootwarden"
_HUB = "RootWardenHub"
_ORGANIZATION = "RootWardenOrganization"
_IN_REGION = "RootWardenForwarding-"
_INSTANCES = "StackSet-rootwarden-"
STACK_SETS_ROLE = "stacksets-exec-"
# IAM tells names apart by no case, and logs them as the caller wrote them. The last begins like others.
_ROLES = (_ORGANIZATION, _IN_REGION, _HUB, _INSTANCES, STACK_SETS_ROLE, _BUS)
# The bus that the rules of each account are on, which AWS deletes for nobody.
DEFAULT_BUS = "default"
UPDATE_BUS = "UpdateEventBus"
# In place of its name, where a refused call was on a bus that is none of ours, or that nothing says.
OTHER_BUS = "another bus"
# No ARN before it has a space.
_REFUSED_BUS = re.compile(r" on resource: arn:[\w-]+:events:[^ ]*:event-bus/([\w./-]+)", re.ASCII)
# Besides what CDK calls a role's own policy: those of the role that makes the enabling calls.
_OWN_POLICY = re.compile(
    r"\w*DefaultPolicy[0-9A-F]{8}|WriteLog|TrustedAccess|StackSetsAccess|DelegatedAdministrator"
    r"|RootCredentialsManagement|RootSessions",
    re.ASCII | re.IGNORECASE,
)
# Rules take a little more than what is ours, since their patterns know beginnings only.
_LIKE_OURS = ("RootWarden", "rootwarden")
# Where a call says what it acts on, by service. The first that is there counts.
NAMED_BY = {
    "events.amazonaws.com": ("name", "rule", "eventBusName"),
    "iam.amazonaws.com": ("roleName",),
    "sqs.amazonaws.com": ("queueUrl",),
    "cloudformation.amazonaws.com": ("stackSetName", "stackName"),
    "lambda.amazonaws.com": ("functionName",),
    "sns.amazonaws.com": ("topicArn", "subscriptionArn"),
    "dynamodb.amazonaws.com": ("tableName",),
}
_KINDS_IN_ARNS = ("stack", "stackset", "function", "table", "event-bus", "rule", "role")
_HOME = "us-east-1"
_ROOT = "$(aws organizations list-roots --query 'Roots[0].Id' --output text)"
# Each as it is; none where the stack has none.
_PARAMETERS = (
    '$(stack describe-stacks --query "'
    "Stacks[].Parameters[].join('',['ParameterKey=',ParameterKey,',UsePreviousValue=true'])"
    '" --output text)'
)


class DeployedBy(Enum):
    """By what a resource of ours is deployed."""

    STACK_INSTANCE = "the StackSet's stack in this account"
    ORGANIZATION = "the stacks of the management account"
    HUB = "the hub's stack"


@dataclass(frozen=True)
class WatchedResource:
    """A resource of ours, by its name. owner None: it is called like ours, where none of ours is.

    prefix: what this deployment puts before its names; plain: the name without it.
    """

    name: str
    owner: DeployedBy | None
    prefix: str = ""

    @property
    def plain(self) -> str:
        """The name without the prefix."""
        return without_prefix(self.name, self.prefix) or self.name


def watched_resource(
    record: CloudTrailRecord, management_account_id: AccountId, hub_account_id: AccountId, prefix: str = ""
) -> WatchedResource | None:
    """Return the resource of ours that a call acts on; None where it acts on something else."""
    name = _updated_bus(record, prefix) if record.event_name == UPDATE_BUS else _named(record)
    if record.event_name == UPDATE_BUS and name in {DEFAULT_BUS, OTHER_BUS}:
        return WatchedResource(name, DeployedBy.STACK_INSTANCE if name == DEFAULT_BUS else None, prefix)
    if name and record.event_source == "iam.amazonaws.com":
        name = _spelled_as_ours(name, prefix)
    plain = None if name is None else without_prefix(name, prefix)
    if name is None or plain is None:
        return None
    owner = _owner(record.event_source, plain, longest=LONGEST_BEGINNING - len(prefix))
    if owner is None:
        return WatchedResource(name, None, prefix) if plain.startswith(_LIKE_OURS) else None
    account = {DeployedBy.ORGANIZATION: management_account_id, DeployedBy.HUB: hub_account_id}.get(owner)
    is_there = account in {None, record.account_id}
    is_ours = is_there or (plain in STACK_SETS and is_by_administrator(record))
    return WatchedResource(name, owner if is_ours else None, prefix)


def is_by_administrator(record: CloudTrailRecord) -> bool:
    """Say whether StackSets' delegated administrator called: logged in that member, done in management."""
    called_as = record.detail.optional_text("requestParameters", "callAs")
    return record.event_source == "cloudformation.amazonaws.com" and called_as == "DELEGATED_ADMIN"


def names_watched_resource(record: CloudTrailRecord, prefix: str = "") -> bool:
    """Say whether a call names what is called like a resource of ours, in whichever account."""
    return watched_resource(record, record.account_id, record.account_id, prefix) is not None


def _spelled_as_ours(name: str, prefix: str) -> str:
    for each in _ROLES:
        ours = beginning(each, prefix)
        if name.lower().startswith(ours.lower()):
            return ours + name[len(ours) :]
    return name


def _owner(source: str, name: str, *, longest: int) -> DeployedBy | None:
    service = source.removesuffix(".amazonaws.com")
    if name == _ORGANIZATION or name.startswith((f"{_ORGANIZATION}-"[:longest], _IN_REGION[:longest])):
        return DeployedBy.ORGANIZATION
    if name == _HUB or name.startswith(f"{_HUB}-") or (service == "iam" and name.startswith("rootwarden-")):
        return DeployedBy.HUB
    if name.startswith(_INSTANCES[:longest]):
        return DeployedBy.STACK_INSTANCE
    # A rule that others put on the bus is their own: it has a name, which comes before the bus's.
    if (service, name) == ("events", _BUS):
        return DeployedBy.HUB
    if service == "cloudformation" and name in STACK_SETS:
        return DeployedBy.ORGANIZATION
    is_members = (service == "iam" and name.startswith(STACK_SETS_ROLE)) or (
        service == "sqs" and name.startswith("rootwarden-")
    )
    return DeployedBy.STACK_INSTANCE if is_members else None


def _named(record: CloudTrailRecord) -> str | None:
    for field in NAMED_BY.get(record.event_source, ()):
        found = record.detail.optional_text("requestParameters", field)
        if found:
            return own_name(found)
    # Event source mappings are named by an id that says nothing; only the answer tells whose it is.
    if record.event_source == "lambda.amazonaws.com":
        found = record.detail.optional_text("responseElements", "functionArn")
        return own_name(found) if found else None
    return None


def _updated_bus(record: CloudTrailRecord, prefix: str) -> str:
    """Return the bus of a call that may name none: then it is the default one.

    What a refused call asks for CloudTrail leaves out; AWS's message may say on which bus it was.
    """
    if named := _named(record):
        return named
    if not was_refused_or_failed(record):
        return DEFAULT_BUS
    said = _REFUSED_BUS.search(record.error_message or "")
    return said[1] if said and said[1] in {DEFAULT_BUS, f"{prefix}{_BUS}"} else OTHER_BUS


def own_name(text: str) -> str:
    """Return a resource's own name, given its name, ARN or URL."""
    if "://" in text or ":" not in text:
        return text.rpartition("/")[2]
    resource = text.split(":", 5)[5] if text.startswith("arn:") and text.count(":") >= 5 else text  # noqa: PLR2004 - an ARN has as many
    _, partial, function = resource.partition(":function:")
    parts = re.split("[/:]", function if partial else resource)
    return parts[1] if parts[0] in _KINDS_IN_ARNS and len(parts) > 1 else parts[0]


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
        bus = f" --event-bus-name {resource.prefix}{_BUS}" if _is_on_bus(record, resource.prefix) else ""
        return f"aws events enable-rule --region {shlex.quote(record.region)} --name {rule}{bus}"
    return _policy_off(record, resource)


def _policy_off(record: CloudTrailRecord, resource: WatchedResource) -> str | None:
    """Return the command that takes somebody's policy off a role: CloudFormation leaves it, and the role."""
    if not _is_role_of_template(record, resource):
        return None
    role = f"--role-name {shlex.quote(resource.name)}"
    arn = record.detail.optional_text("requestParameters", "policyArn")
    if record.event_name == "AttachRolePolicy" and arn:
        return f"aws iam detach-role-policy {role} --policy-arn {shlex.quote(arn)}"
    name = record.detail.optional_text("requestParameters", "policyName")
    if record.event_name == "PutRolePolicy" and name and not _is_own_policy(name, resource):
        return f"aws iam delete-role-policy {role} --policy-name {shlex.quote(name)}"
    return None


def takes_others_policy_off(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    """Say whether a call takes off a role what no template of ours puts on it. None attaches a policy."""
    if not _is_role_of_template(record, resource):
        return False
    name = record.detail.optional_text("requestParameters", "policyName")
    is_others = name is not None and not _is_own_policy(name, resource)
    return record.event_name == "DetachRolePolicy" or (record.event_name == "DeleteRolePolicy" and is_others)


def _is_role_of_template(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    # StackSets makes its own role, and has its rights by an attached policy.
    return record.event_source == "iam.amazonaws.com" and not resource.plain.startswith(STACK_SETS_ROLE)


def _is_own_policy(name: str, resource: WatchedResource) -> bool:
    """Say whether a policy is called as ours are, in any case: IAM may tell none apart."""
    if resource.owner is DeployedBy.STACK_INSTANCE:
        return name.lower().startswith(FORWARDING_POLICY.lower())
    return _OWN_POLICY.fullmatch(name) is not None


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
    return revert(f"{prefix}{_ORGANIZATION}", _HOME)


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
    return bus.rpartition("/")[2] == f"{prefix}{_BUS}"


def _stack(record: CloudTrailRecord, resource: WatchedResource) -> tuple[str, str]:
    region = _region(record)
    if resource.owner is DeployedBy.HUB:
        return f"{resource.prefix}{_HUB}", region
    if resource.plain.startswith(_IN_REGION[: LONGEST_BEGINNING - len(resource.prefix)]):
        return f"{resource.prefix}{_IN_REGION}{region}", region
    return f"{resource.prefix}{_ORGANIZATION}", _HOME


def _region(record: CloudTrailRecord) -> str:
    # IAM has one Region for all: which stack's role it was, people must look up.
    return "REGION" if record.event_source == "iam.amazonaws.com" else shlex.quote(record.region)
