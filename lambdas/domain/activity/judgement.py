"""How bad a root activity is, and why: its row of the table, and what makes it worse or better."""

from dataclasses import replace

from lambdas.domain.activity.activity_table import ROW_OF
from lambdas.domain.activity.classification import mfa_used
from lambdas.domain.activity.evidence import iam_user
from lambdas.domain.activity.root_activity import Activity, ActorKind
from lambdas.domain.activity.severity import Assessment, Severity
from lambdas.domain.activity.tries import ending, failed
from lambdas.domain.cloudtrail import CloudTrailRecord

_CREATE_PASSWORD_POLICY = "/root-task/IAMCreateRootUserPassword"
_MANAGEMENT_ROOT = (
    "this is the management account's root user: the one root user that no root session reaches, no policy"
    " binds and rootwarden cannot remove"
)
_NOT_OURS = "it was done in a root session that rootwarden did not open"
_ANY_CALL = frozenset({Activity.API_CALL, Activity.CONSOLE_ACTION, Activity.PROTECTION_CHANGED})
_KEYS = {
    ActorKind.LONG_TERM_KEY: "a root access key exists and is in use",
    ActorKind.FEDERATED_SESSION: "a root access key exists, and a session that it handed out is in use",
}


def assess(
    record: CloudTrailRecord, activity: Activity, actor: ActorKind, *, management_root: bool = False
) -> Assessment:
    """Give an activity its severity and the reason. management_root: root of the management account acted."""
    found = _by_what_was_done(record, activity, actor)
    if actor in _KEYS:
        found = _with_key(record, activity, actor, found)
    if actor is ActorKind.ROOT_SESSION and activity not in _ANY_CALL:
        found = replace(found, circumstances=(_NOT_OURS,))
    if management_root:
        more = (*found.circumstances, _MANAGEMENT_ROOT)
        found = Assessment(found.severity.one_step_worse, found.reason, more)
    return found


def _by_what_was_done(record: CloudTrailRecord, activity: Activity, actor: ActorKind) -> Assessment:
    if activity is Activity.SIGN_IN_SUCCEEDED and mfa_used(record) is not True:
        how = "without MFA" if mfa_used(record) is False else "and the record does not say whether with MFA"
        return Assessment(Severity.CRITICAL, f"the root user signed in to the console {how}")
    if activity is Activity.ROOT_SESSION_OPENED:
        policy = record.detail.optional_text("requestParameters", "taskPolicyArn", "arn") or ""
        if policy.endswith(_CREATE_PASSWORD_POLICY):
            reason = "a principal other than rootwarden opened a root session that can set a password"
            return Assessment(Severity.CRITICAL, reason)
    if activity is Activity.PROTECTION_CHANGED and record.identity.is_root:
        return _any_call(record, Activity.API_CALL, actor)
    if activity in _ANY_CALL:
        return _any_call(record, activity, actor)
    return _by_row(record, activity)


def _by_row(record: CloudTrailRecord, activity: Activity) -> Assessment:
    wording = ROW_OF[activity].wording(attempted=failed(record))
    reason = wording.reason.format(user=iam_user(record), ending=ending(record))
    return Assessment(wording.severity, reason)


def _any_call(record: CloudTrailRecord, activity: Activity, actor: ActorKind) -> Assessment:
    if not failed(record) and record.identity.is_root:
        if record.read_only:
            return Assessment(Severity.MEDIUM, "the root user looked at something")
        if actor is ActorKind.ROOT_SESSION:
            reason = "a root session that rootwarden did not open changed something"
            return Assessment(Severity.HIGH, reason)
    return _by_row(record, activity)


def _with_key(
    record: CloudTrailRecord, activity: Activity, actor: ActorKind, found: Assessment
) -> Assessment:
    """Return the worse of what was done and of the key's mere existence."""
    existing = _KEYS[actor]
    severity = Severity.HIGH if record.read_only else Severity.CRITICAL
    worse = severity if severity.rank > found.severity.rank else found.severity
    if activity not in _ANY_CALL:
        return replace(found, severity=worse, circumstances=(existing,))
    return Assessment(worse, f"{existing}; {ending(record)}" if failed(record) else existing)
