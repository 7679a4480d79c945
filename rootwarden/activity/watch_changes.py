"""What a call does to the watch's own resources, and how grave that is."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from rootwarden.activity.classification import ending, was_refused_or_failed
from rootwarden.activity.put_back import PROTECTS_DATA, put_back
from rootwarden.activity.role_policies import puts_others_policy_on, takes_others_policy_off
from rootwarden.activity.root_activity import Assessment, Finding, nothing_to_alert
from rootwarden.activity.watched_resources import (
    BUS,
    DEFAULT_BUS,
    OTHER_BUS,
    STACK_SETS,
    STACK_SETS_ROLE,
    DeployedBy,
    WatchedResource,
    is_by_administrator,
    joins_others,
    watched_resource,
)
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.names import FORWARDING_POLICY
from rootwarden.events import AccountId

CLOUDFORMATION = "cloudformation.amazonaws.com"
_SERVICES = ("stacksets.cloudformation.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com")
_LINKED_ROLE = r"/aws-service-role/[a-z.]*stacksets[.a-z]+/AWSServiceRoleForCloudFormationStackSetsOrg\w+"
# The name alone: a path before it, which may be called so too, anybody can give to any role.
_INSTANCE_ROLE = rf"/{STACK_SETS_ROLE}[\w+=,.@-]+"
_TAKES_DOWN = ("Delete", "Detach", "Disable", "Purge", "Remove", "Stop", "Unsubscribe")
# Lambda puts its API's version behind the name.
_PARTS = "DeleteEventSourceMapping"
_PUTS_BACK = ("EnableRule", "CreateStackInstances")
_DEPLOYS = ("CreateStack", "UpdateStack", "ExecuteChangeSet", "ContinueUpdateRollback", "RollbackStack")
_STACK_CALLS = (*_DEPLOYS, "DeleteStack")
_LABELS = ("Tag", "Untag")
_ALL_SERVICES = frozenset({CLOUDFORMATION, *_SERVICES})
# What StackSets calls for the members' template, by service. CloudFormation's stack calls deploy it.
_OF_TEMPLATE = {
    "cloudformation.amazonaws.com": _STACK_CALLS,
    "events.amazonaws.com": ("PutRule", "DeleteRule", "PutTargets", "RemoveTargets"),
    "iam.amazonaws.com": ("CreateRole", "DeleteRole", "UpdateRole", "UpdateAssumeRolePolicy"),
    "sqs.amazonaws.com": ("CreateQueue", "SetQueueAttributes", "DeleteQueue"),
}
_ITS_POLICY = ("PutRolePolicy", "DeleteRolePolicy")
_OTHER_BUS = "the refused call was on another event bus, or does not say on which"
_REVOKE_SESSIONS = "RevokeOlderSessions"
_BY_THE_RUNBOOK = (
    "a policy of this name is what the runbook puts on a role to end its sessions: whoever did so for that"
    " leaves it until the incident is over"
)
_WHOSE_KEY = (
    "before that key is taken off, ask whether it is the organization's own; taking it off may also reset the"
    " bus's description, dead-letter queue and logs"
)


class _Deed(Enum):
    LABELLED = auto()
    PUT_BACK = auto()
    DEPLOYED = auto()
    CHANGED = auto()
    TAKEN_DOWN = auto()


@dataclass(frozen=True)
class _Judgement:
    activity: Activity
    severity: Severity
    reason: str


def watch_change(
    record: CloudTrailRecord, management_account_id: AccountId, hub_account_id: AccountId, prefix: str = ""
) -> Finding | None:
    """Say what a call did to a resource of the watch; None where it concerns none."""
    resource = watched_resource(record, management_account_id, hub_account_id, prefix)
    if resource is None:
        return None
    if resource.owner is None:
        is_like_ours = f"{resource.name} is called like rootwarden's, but is not of this deployment"
        return nothing_to_alert(_OTHER_BUS if resource.name == OTHER_BUS else is_like_ours)
    if record.detail.optional_text("eventCategory") == "Data":
        return nothing_to_alert("what flows through the watch's own resources changes nothing of them")
    deed = _deed(record, resource)
    if deed is _Deed.LABELLED:
        return nothing_to_alert("labels change nothing of the watch")
    if resource.owner is DeployedBy.STACK_INSTANCE and _keeps_template(record, resource):
        return nothing_to_alert("StackSets' own role keeps the account's forwarding as the StackSet says")
    verdict = _judged(record, resource, deed)
    is_critical = verdict.severity is Severity.CRITICAL
    more = _said_besides(record, resource) if is_critical else ()
    return Finding(
        activity=verdict.activity,
        assessment=Assessment(verdict.severity, verdict.reason, more),
        target=resource.name,
        put_back=put_back(record, resource) if is_critical else None,
    )


def _said_besides(record: CloudTrailRecord, resource: WatchedResource) -> tuple[str, ...]:
    """Say what else a call that looks like an attack may have been: its put-back would undo that."""
    if resource.plain == DEFAULT_BUS:
        return (_WHOSE_KEY,)
    asked = (record.event_name, record.detail.optional_text("requestParameters", "policyName"))
    return (_BY_THE_RUNBOOK,) if asked == ("PutRolePolicy", _REVOKE_SESSIONS) else ()


def is_by_stack_sets(record: CloudTrailRecord) -> bool:
    """Say whether StackSets itself acted in a member account.

    Its service-linked role is for the service alone to use. Of the role that it makes in each
    member, two things are asked: the name, and that AWS says a service used it. The name alone proves
    nothing, since anybody with rights on IAM can give it to a role.
    """
    arn = record.identity.role_arn or ""
    if f"::{record.account_id}:role/" not in arn:
        return False
    if _is_linked_role(record):
        return True
    is_named_so = re.fullmatch(_INSTANCE_ROLE, arn.partition(":role")[2], re.ASCII) is not None
    return is_named_so and bool(_services(record) & _ALL_SERVICES)


def _is_linked_role(record: CloudTrailRecord) -> bool:
    path = (record.identity.role_arn or "").partition(":role")[2]
    return re.fullmatch(_LINKED_ROLE, path) is not None


def _keeps_template(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    """Say whether StackSets did what the members' template asks for, as far as the record tells.

    The role that it makes in a member is one for all StackSets: another one may change what is ours by it.
    """
    if not is_by_stack_sets(record):
        return False
    if _is_linked_role(record):
        return True
    if record.event_source == "iam.amazonaws.com" and resource.plain.startswith(STACK_SETS_ROLE):
        return False
    if record.event_name in _ITS_POLICY:
        policy = record.detail.optional_text("requestParameters", "policyName") or ""
        return policy.startswith(FORWARDING_POLICY)
    return record.event_name in _OF_TEMPLATE.get(record.event_source, ())


def is_by_cloudformation(record: CloudTrailRecord) -> bool:
    """Say whether CloudFormation made the call, as it does in a deployment."""
    return CLOUDFORMATION in _services(record)


def _services(record: CloudTrailRecord) -> frozenset[str | None]:
    # CloudTrail writes both; callers can set neither, unlike the user agent.
    return frozenset({record.detail.optional_text("userIdentity", "invokedBy"), record.source_ip})


def _deed(record: CloudTrailRecord, resource: WatchedResource) -> _Deed:
    name = record.event_name
    if name.startswith(_LABELS):
        return _Deed.LABELLED
    if _puts_back(record, resource):
        return _Deed.PUT_BACK
    if name in _DEPLOYS:
        return _Deed.DEPLOYED
    return _Deed.TAKEN_DOWN if name.startswith(_TAKES_DOWN) or _switches_off(record) else _Deed.CHANGED


def _puts_back(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    name = record.event_name
    if name in _PUTS_BACK or takes_others_policy_off(record, resource):
        return True
    if name.startswith(_PARTS):
        return joins_others(record, resource)
    if resource.plain == DEFAULT_BUS:
        return not _may_give_key(record)
    path = ("requestParameters", "dataProtectionPolicy")
    is_empty = record.detail.has(*path) and record.detail.optional_text(*path) is None
    return name == PROTECTS_DATA and is_empty


def _switches_off(record: CloudTrailRecord) -> bool:
    asked = record.detail.optional_object("requestParameters")
    value = asked.value if asked else None
    if not isinstance(value, dict):
        return False
    by_rule = record.event_name == "PutRule" and value.get("state") == "DISABLED"
    by_source = record.event_name.startswith("UpdateEventSourceMapping") and value.get("enabled") is False
    return by_rule or by_source


def _may_give_key(record: CloudTrailRecord) -> bool:
    asked = record.detail.optional_object("requestParameters")
    if asked is None:
        # What a refused call asks for CloudTrail leaves out.
        return was_refused_or_failed(record)
    return asked.optional_text("kmsKeyIdentifier") is not None


def _judged(record: CloudTrailRecord, resource: WatchedResource, deed: _Deed) -> _Judgement:
    done = _once_done(record, resource, deed)
    if not was_refused_or_failed(record):
        return done
    tried = f"somebody called for a change of {_whose(resource)} {resource.name}, and {ending(record)}"
    severity = min(done.severity, Severity.HIGH, key=lambda severity: severity.rank)
    return _Judgement(Activity.WATCH_CHANGE_REFUSED, severity, tried)


def _whose(resource: WatchedResource) -> str:
    if resource.plain in STACK_SETS:
        return "the watch's StackSet"
    return "the account's event bus" if resource.plain == DEFAULT_BUS else "the watch's own"


def _once_done(record: CloudTrailRecord, resource: WatchedResource, deed: _Deed) -> _Judgement:
    whose = _whose(resource)
    if deed is _Deed.TAKEN_DOWN:
        how = ", by a deployment" if is_by_cloudformation(record) else ""
        reason = f"{whose} {resource.name} was taken down or switched off{how}"
        return _Judgement(Activity.WATCH_TAKEN_DOWN, Severity.CRITICAL, reason)
    if deed is _Deed.PUT_BACK:
        return _once_put_back(record, resource)
    # StackSets alone deploys stack instances, and the management account alone our StackSets: a person who
    # does so elsewhere, by CloudFormation or not, changes one.
    if resource.owner is not DeployedBy.STACK_INSTANCE and not is_by_administrator(record):
        if is_by_cloudformation(record) and not _is_of_another_stack(record, resource):
            reason = f"{whose} {resource.name} was changed by a deployment"
            return _Judgement(Activity.WATCH_CHANGED, Severity.LOW, reason)
        if deed is _Deed.DEPLOYED:
            reason = f"the stack {resource.name} is being deployed"
            return _Judgement(Activity.WATCH_CHANGED, Severity.MEDIUM, reason)
    reason = f"{whose} {resource.name} was changed {_how(record, resource)}"
    return _Judgement(Activity.WATCH_CHANGED, Severity.CRITICAL, reason)


def _is_of_another_stack(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    """Say whether a call does to a resource of ours what no stack of ours does: any stack may name it."""
    # Roles that people make for themselves may be called so, and are no part of the watch.
    is_peoples_own = resource.plain.startswith(BUS)
    puts_policy_on = puts_others_policy_on(record, resource) and not is_peoples_own
    return puts_policy_on or joins_others(record, resource)


def _how(record: CloudTrailRecord, resource: WatchedResource) -> str:
    if is_by_stack_sets(record):
        return "by a StackSet, but not as rootwarden's own changes it"
    is_deployed = is_by_cloudformation(record) and _is_of_another_stack(record, resource)
    return "by a deployment, but of no template of rootwarden's" if is_deployed else "by hand"


def _once_put_back(record: CloudTrailRecord, resource: WatchedResource) -> _Judgement:
    severity, done = Severity.LOW, "was switched on or put back"
    if record.event_name == "EnableRule":
        # Whether an enabled rule takes read-only calls again is not documented: that is worth a look.
        severity = Severity.MEDIUM
    elif resource.plain == DEFAULT_BUS:
        done = "was changed, and has no key of the account's own"
    elif record.event_source == "iam.amazonaws.com":
        severity, done = Severity.MEDIUM, "lost a policy that is not rootwarden's"
    elif record.event_name.startswith(_PARTS):
        severity, done = Severity.MEDIUM, "is no longer joined to what is not rootwarden's"
    return _Judgement(Activity.WATCH_CHANGED, severity, f"{_whose(resource)} {resource.name} {done}")
