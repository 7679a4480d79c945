"""What the watch and the guard rail rest on: StackSets' access to the organization, protecting policies."""

import shlex

from rootwarden.activity.activity_rows import ending, failed
from rootwarden.activity.root_activity import Activity, Assessment, Finding, Severity
from rootwarden.activity.watch_changes import is_by_cloudformation
from rootwarden.activity.watched_resources import revert
from rootwarden.events import CloudTrailRecord

_ORGANIZATIONS = "organizations.amazonaws.com"
_STACK_SETS = frozenset(
    {"stacksets.cloudformation.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com"}
)
_ACCESS = "rootwarden's StackSet lost its access to the member accounts: new ones will not forward"
_ADMINISTRATOR = (
    "an account lost the administration of StackSets; the management account keeps rootwarden's own StackSet"
)
_POLICY_CALLS = {
    "DetachPolicy": "a policy that protects root or the watch was detached",
    "UpdatePolicy": "a policy that protects root or the watch was changed",
    "DeletePolicy": "a policy that protects root or the watch was deleted",
    "DisablePolicyType": "a type of policy was switched off, and every such policy detached with it",
}


def protection_change(record: CloudTrailRecord) -> Finding | None:
    """Say what a call took from under the watch; None where it took nothing.

    Which policies protect, the rules of the forwarding accounts know, and send no others' changes. Of
    root every call is sent, so for root this says nothing.
    """
    service = record.detail.optional_text("requestParameters", "servicePrincipal")
    call = (record.event_source, record.event_name)
    if call == ("cloudformation.amazonaws.com", "DeactivateOrganizationsAccess"):
        return _finding(record, _ACCESS, "StackSets' access", _activate())
    if call == (_ORGANIZATIONS, "DisableAWSServiceAccess") and service in _STACK_SETS:
        return _finding(record, _ACCESS, service, _activate())
    if call == (_ORGANIZATIONS, "DeregisterDelegatedAdministrator") and service in _STACK_SETS:
        account = record.detail.optional_text("requestParameters", "accountId") or "ACCOUNT"
        return _finding(record, _ADMINISTRATOR, account, _register(account, service or ""))
    reason = _POLICY_CALLS.get(record.event_name) if record.event_source == _ORGANIZATIONS else None
    if reason is None or record.identity.is_root:
        return None
    return _finding(record, reason, _policy(record), _restore(record))


def names_protecting_policy(record: CloudTrailRecord) -> bool:
    """Say whether a call changes a policy, which only the forwarding rules know to be a protecting one."""
    return record.event_source == _ORGANIZATIONS and record.event_name in _POLICY_CALLS


def _finding(record: CloudTrailRecord, reason: str, target: str | None, command: str) -> Finding:
    if failed(record):
        reason = f"somebody tried to change what protects root or the watch, and {ending(record)}"
        tried = Assessment(Severity.HIGH, reason)
        return Finding(activity=Activity.WATCH_CHANGE_REFUSED, assessment=tried, target=target)
    if record.event_name == "UpdatePolicy" and is_by_cloudformation(record):
        changed = Assessment(Severity.LOW, f"{reason} by a deployment")
        return Finding(activity=Activity.WATCH_CHANGED, assessment=changed, target=target)
    return Finding(
        activity=Activity.WATCH_TAKEN_DOWN,
        assessment=Assessment(Severity.CRITICAL, reason),
        target=target,
        put_back=command,
    )


def _activate() -> str:
    return "aws cloudformation activate-organizations-access --region us-east-1"


def _register(account: str, service: str) -> str:
    return (
        f"aws organizations register-delegated-administrator --account-id {shlex.quote(account)}"
        f" --service-principal {shlex.quote(service)}"
    )


def _policy(record: CloudTrailRecord) -> str | None:
    fields = ("policyId", "policyType")
    found = (record.detail.optional_text("requestParameters", field) for field in fields)
    return next((name for name in found if name), None)


def _restore(record: CloudTrailRecord) -> str:
    asked = record.detail.optional_object("requestParameters")
    text = asked.optional_text if asked else (lambda _name: None)
    policy, target, root = text("policyId"), text("targetId"), text("rootId")
    if record.event_name == "DetachPolicy" and policy and target:
        names = f"--policy-id {shlex.quote(policy)} --target-id {shlex.quote(target)}"
        return f"aws organizations attach-policy {names}"
    if record.event_name == "DisablePolicyType" and root:
        kind = text("policyType") or "SERVICE_CONTROL_POLICY"
        names = f"--root-id {shlex.quote(root)} --policy-type {shlex.quote(kind)}"
        return f"aws organizations enable-policy-type {names}; then attach every policy of that type again"
    return revert("RootWardenOrganization", "us-east-1")
