"""What concerns the watch, the guard rail, a takeover or a trail, whoever called."""

import re
import shlex
from dataclasses import dataclass, replace

from rootwarden.activity.classification import ending, is_root_itself, shows, was_refused_or_failed
from rootwarden.activity.judgement import by_row
from rootwarden.activity.put_back import revert_organization
from rootwarden.activity.root_activity import Assessment, Finding, nothing_to_alert
from rootwarden.activity.takeover_rows import TAKEOVER_ROWS
from rootwarden.activity.trails import trail_assessment
from rootwarden.activity.watch_changes import is_by_cloudformation, watch_change
from rootwarden.activity.watched_resources import NAMED_BY
from rootwarden.cloudtrail import CloudTrailRecord, Identity
from rootwarden.contract.activities import Activity, Severity
from rootwarden.events import AccountId, Envelope

_ORGANIZATIONS = "organizations.amazonaws.com"
_STACK_SETS = frozenset(
    {"stacksets.cloudformation.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com"}
)
_ACCESS = "rootwarden's StackSet lost its access to the member accounts: new ones will not forward"
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_NO_TRAIL = (
    "CloudTrail lost its access to the organization, and every member the organization's trail: without"
    " another trail no event comes from there"
)
# AWS converts it into a trail of the management account alone. Which one it was, the call does not say.
_TRAIL_AGAIN = (
    f"aws organizations enable-aws-service-access --service-principal {_CLOUDTRAIL}"
    " && aws cloudtrail update-trail --region REGION --name TRAIL --is-organization-trail"
)
_ADMINISTRATOR = (
    "an account lost the administration of StackSets; the management account keeps rootwarden's own StackSet"
)
_POLICY_CALLS = {
    "DetachPolicy": "a policy that protects root or the watch was detached",
    "UpdatePolicy": "a policy that protects root or the watch was changed",
    "DeletePolicy": "a policy that protects root or the watch was deleted",
    "DisablePolicyType": "a type of policy was switched off, and every such policy detached with it",
}
_ACCEPTED_INVITATION = "the account accepted another organization's invitation, and left this one by that"
_ACCEPTED_SOMETHING = "the account accepted a handshake, perhaps another organization's invitation"
_TRIED_HANDSHAKE = "the account tried to accept a handshake, perhaps another organization's invitation, and "
_TARGETS = ("targetId", "name", "trailName")
ANOMALY = "Sign-in Anomaly Alert"
_ACCOUNT = re.compile(r"[0-9]{12}")


def protection_change(record: CloudTrailRecord, prefix: str = "") -> Finding | None:
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
    if call == (_ORGANIZATIONS, "DisableAWSServiceAccess") and service == _CLOUDTRAIL:
        return _finding(record, _NO_TRAIL, service, _TRAIL_AGAIN)
    if call == (_ORGANIZATIONS, "DeregisterDelegatedAdministrator") and service in _STACK_SETS:
        account = record.detail.optional_text("requestParameters", "accountId") or "ACCOUNT"
        return _finding(record, _ADMINISTRATOR, account, _register(account, service or ""))
    reason = _POLICY_CALLS.get(record.event_name) if record.event_source == _ORGANIZATIONS else None
    if reason is None or record.identity.is_root:
        return None
    return _finding(record, reason, _policy(record), _restore(record, prefix))


def names_protecting_policy(record: CloudTrailRecord) -> bool:
    """Say whether a call changes a policy, which only the forwarding rules know to be a protecting one."""
    return record.event_source == _ORGANIZATIONS and record.event_name in _POLICY_CALLS


def _finding(record: CloudTrailRecord, reason: str, target: str | None, command: str) -> Finding:
    if was_refused_or_failed(record):
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


def _restore(record: CloudTrailRecord, prefix: str) -> str:
    asked = record.detail.optional_object("requestParameters")
    text = asked.optional_text if asked else (lambda _name: None)
    policy, target, root = text("policyId"), text("targetId"), text("rootId")
    if record.event_name == "DetachPolicy" and policy and target:
        names = f"--policy-id {shlex.quote(policy)} --target-id {shlex.quote(target)}"
        return f"aws organizations attach-policy {names}"
    if record.event_name == "DisablePolicyType" and root:
        kind = text("policyType") or "SERVICE_CONTROL_POLICY"
        names = f"--root-id {shlex.quote(root)} --policy-type {shlex.quote(kind)}"
        return f"aws organizations enable-policy-type {names}"
    return revert_organization(prefix)


def takeover_step(record: CloudTrailRecord) -> Finding | None:
    """Say what step a record shows; None where it shows none."""
    if record.event_name == ANOMALY:
        return _anomaly(record)
    shown = next((row.activity for row in TAKEOVER_ROWS if shows(record, row)), None)
    if shown is None:
        return None
    named = record.detail.optional_text("requestParameters", "accountId") or ""
    targets = (record.detail.optional_text("requestParameters", field) for field in _TARGETS)
    return Finding(
        activity=shown,
        assessment=by_row(record, shown),
        account_id=AccountId(named) if _ACCOUNT.fullmatch(named) else None,
        target=next(filter(None, targets), None),
    )


def accepted_handshake(record: CloudTrailRecord, management_account_id: AccountId) -> Finding | None:
    """Say what accepting a handshake does: another organization's invitation takes a member out of this one.

    None where it is to be judged as any act of root. A refused one says not what it was about.
    """
    if (record.event_source, record.event_name) != (_ORGANIZATIONS, "AcceptHandshake"):
        return None
    handshake = record.detail.optional_object("responseElements", "handshake")
    action = handshake.optional_text("action") if handshake else None
    arn = (handshake.optional_text("arn") if handshake else None) or ""
    invites = action in {"INVITE", None}
    if invites and f"::{management_account_id}:handshake/" in arn:
        return nothing_to_alert("an account accepted this organization's own invitation")
    if not invites or record.account_id == management_account_id:
        is_root = record.identity.is_root
        return None if is_root else nothing_to_alert("the handshake takes no account out of the organization")
    leaving = Activity.LEFT_ORGANIZATION if is_root_itself(record) else Activity.ACCOUNT_LEAVING
    severity = by_row(record, leaving).severity
    accepted = _ACCEPTED_INVITATION if arn else _ACCEPTED_SOMETHING
    said = f"{_TRIED_HANDSHAKE}{ending(record)}" if was_refused_or_failed(record) else accepted
    return Finding(activity=leaving, assessment=Assessment(severity, said), target=arn or None)


def _anomaly(record: CloudTrailRecord) -> Finding:
    found = by_row(record, Activity.SIGN_IN_ANOMALY)
    if record.identity.kind == "Unknown":
        reason = "AWS found a sign-in unusual and does not say whose; it may be root's"
        found = Assessment(Severity.HIGH, reason)
    elif not record.identity.is_root:
        return nothing_to_alert(f"the sign-in is one of type {record.identity.kind}, not of root")
    return Finding(activity=Activity.SIGN_IN_ANOMALY, assessment=found)


def read_record(envelope: Envelope) -> CloudTrailRecord:
    """Read a CloudTrail record, or what an anomaly alert says in its place; raises MalformedEvent."""
    if (envelope.source, envelope.detail_type) != ("aws.signin", ANOMALY):
        return CloudTrailRecord.read(envelope)
    detail = envelope.detail
    return CloudTrailRecord(
        event_id=detail.optional_text("eventID") or envelope.event_id,
        event_name=ANOMALY,
        event_source="signin.amazonaws.com",
        event_type=None,
        time=envelope.time,
        delivered_at=envelope.time,
        region=detail.optional_text("awsRegion") or envelope.region,
        account_id=envelope.account_id,
        identity=_identity(envelope),
        source_ip=detail.optional_text("sourceIPAddress"),
        user_agent=detail.optional_text("userAgent"),
        error_code=None,
        error_message=None,
        read_only=False,
        addendum_reason=None,
        corrects=None,
        detail=detail,
    )


def _identity(envelope: Envelope) -> Identity:
    identity = Identity.read(envelope.detail)
    arn = identity.arn or ""
    is_root = arn.endswith(":root") and ":iam:" in arn
    return (
        replace(identity, kind="Root", is_root=True) if is_root and identity.kind == "Unknown" else identity
    )


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Where rootwarden's own resources are."""

    management_account_id: AccountId
    hub_account_id: AccountId
    name_prefix: str = ""

    def finding(self, record: CloudTrailRecord) -> Finding | None:
        """Say what a record shows; None where it is to be judged as an act of root, or is none of ours."""
        step = accepted_handshake(record, self.management_account_id) or takeover_step(record)
        if step and step.activity is Activity.TRAIL_TOUCHED:
            return replace(step, assessment=trail_assessment(record, step, self.management_account_id))
        if step:
            return replace(step, assessment=_at_the_hub(step)) if self._loses_hub(record, step) else step
        found = protection_change(record, self.name_prefix)
        # Where a call says what it acts on is known of these services only.
        if found is None and record.event_source in NAMED_BY:
            found = watch_change(record, self.management_account_id, self.hub_account_id, self.name_prefix)
        if found is None or not record.identity.is_root:
            return found
        # Whatever root does is reported: what says less than an act of root does not speak for it.
        return found if found.assessment.severity in {Severity.CRITICAL, Severity.HIGH} else None

    def _loses_hub(self, record: CloudTrailRecord, step: Finding) -> bool:
        """Say whether the hub's account was closed or removed. AWS lets no other member do so."""
        if step.activity not in {Activity.ACCOUNT_CLOSING, Activity.ACCOUNT_REMOVED}:
            return False
        is_hub = (step.account_id or record.account_id) == self.hub_account_id
        is_trusted = record.account_id in {self.hub_account_id, self.management_account_id}
        return is_hub and is_trusted and not was_refused_or_failed(record)


def _at_the_hub(step: Finding) -> Assessment:
    circumstances = (*step.assessment.circumstances, "it is the account rootwarden runs in")
    return Assessment(Severity.CRITICAL, step.assessment.reason, circumstances)
