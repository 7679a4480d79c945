"""Whether a policy that is put on a role of the watch, or taken off it, is one of our templates'."""

import re

from rootwarden.activity.watched_resources import STACK_SETS_ROLE, DeployedBy, WatchedResource
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.names import FORWARDING_POLICY

# Besides what CDK calls a role's own policy: those of the role that makes the enabling calls.
_OWN_POLICY = re.compile(
    r"\w*DefaultPolicy[0-9A-F]{8}|WriteLog|TrustedAccess|StackSetsAccess|DelegatedAdministrator"
    r"|RootCredentialsManagement|RootSessions",
    re.ASCII | re.IGNORECASE,
)


def puts_others_policy_on(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    """Say whether a call puts on a role what no template of ours does. None attaches a policy."""
    return _is_of_others(record, resource, attached="AttachRolePolicy", inline="PutRolePolicy")


def takes_others_policy_off(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    """Say whether a call takes off a role what no template of ours puts on it."""
    return _is_of_others(record, resource, attached="DetachRolePolicy", inline="DeleteRolePolicy")


def _is_of_others(record: CloudTrailRecord, resource: WatchedResource, *, attached: str, inline: str) -> bool:
    # StackSets makes its own role, and has its rights by an attached policy.
    if record.event_source != "iam.amazonaws.com" or resource.plain.startswith(STACK_SETS_ROLE):
        return False
    name = record.detail.optional_text("requestParameters", "policyName")
    is_others = name is not None and not _is_own_policy(name, resource)
    return record.event_name == attached or (record.event_name == inline and is_others)


def _is_own_policy(name: str, resource: WatchedResource) -> bool:
    """Say whether a policy is called as ours are, in any case: IAM may tell none apart."""
    if resource.owner is DeployedBy.STACK_INSTANCE:
        return name.lower().startswith(FORWARDING_POLICY.lower())
    return _OWN_POLICY.fullmatch(name) is not None
