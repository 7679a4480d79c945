"""Steps towards an account's root that others than root take, and the ways out of the organization."""

import re
from dataclasses import dataclass

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.finding import Finding, nothing_to_alert
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.severity import Assessment, Severity
from lambdas.domain.cloudtrail import CloudTrailRecord

ANOMALY = "Sign-in Anomaly Alert"
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True)
class _Step:
    """A call that AWS may carry out or refuse: what each is called, how bad it is, and why."""

    done: tuple[Activity, Severity, str]
    refused: tuple[Activity, Severity, str]


_GUARD = _Step(
    (Activity.SIGN_IN_GUARD_CHANGED, Severity.HIGH, "a rule on who may sign in from where was changed"),
    (
        Activity.SIGN_IN_GUARD_REFUSED,
        Severity.MEDIUM,
        "an attempt to change a rule on who may sign in from where failed",
    ),
)
_STEPS = {
    ("account.amazonaws.com", "StartPrimaryEmailUpdate"): _Step(
        (
            Activity.ROOT_EMAIL_UPDATE_STARTED,
            Severity.HIGH,
            "a principal begins to change a member's root e-mail address; its owner can recover the password",
        ),
        (
            Activity.ROOT_EMAIL_UPDATE_REFUSED,
            Severity.MEDIUM,
            "an attempt to begin to change a member's root e-mail address failed",
        ),
    ),
    ("account.amazonaws.com", "AcceptPrimaryEmailUpdate"): _Step(
        (
            Activity.ROOT_EMAIL_UPDATE_ACCEPTED,
            Severity.CRITICAL,
            "a member's root e-mail address was changed; who reads the new mailbox can recover the password",
        ),
        (
            Activity.ROOT_EMAIL_UPDATE_REFUSED,
            Severity.HIGH,
            "an attempt to confirm a new root e-mail address of a member failed",
        ),
    ),
    ("organizations.amazonaws.com", "LeaveOrganization"): _Step(
        (Activity.ACCOUNT_LEAVING, Severity.CRITICAL, "the account left the organization by its own act"),
        (
            Activity.ACCOUNT_LEAVING_REFUSED,
            Severity.HIGH,
            "the account tried to leave the organization and did not",
        ),
    ),
    ("organizations.amazonaws.com", "RemoveAccountFromOrganization"): _Step(
        (Activity.ACCOUNT_LEAVING, Severity.HIGH, "the account was removed from the organization"),
        (
            Activity.ACCOUNT_LEAVING_REFUSED,
            Severity.MEDIUM,
            "an attempt to remove the account from the organization failed",
        ),
    ),
    ("organizations.amazonaws.com", "CloseAccount"): _Step(
        (Activity.ACCOUNT_LEAVING, Severity.HIGH, "the closing of the account was begun"),
        (Activity.ACCOUNT_LEAVING_REFUSED, Severity.MEDIUM, "an attempt to close the account failed"),
    ),
    ("signin.amazonaws.com", "PutConsoleAuthorizationConfiguration"): _GUARD,
    ("signin.amazonaws.com", "DeleteConsoleAuthorizationConfiguration"): _GUARD,
    ("signin.amazonaws.com", "PutResourcePermissionStatement"): _GUARD,
    ("signin.amazonaws.com", "DeleteResourcePermissionStatement"): _GUARD,
}


def takeover_step(record: CloudTrailRecord) -> Finding | None:
    """Say what step a record shows; None where it shows none."""
    if record.event_name == ANOMALY:
        return _anomaly(record)
    step = _STEPS.get((record.event_source, record.event_name))
    if step is None:
        return None
    activity, severity, reason = step.refused if record.error_code else step.done
    named = record.detail.optional_text("requestParameters", "accountId") or ""
    return Finding(
        activity=activity,
        assessment=Assessment(severity, f"{reason} ({record.error_code})" if record.error_code else reason),
        account_id=AccountId(named) if _ACCOUNT.fullmatch(named) else None,
        target=record.detail.optional_text("requestParameters", "targetId"),
    )


def _anomaly(record: CloudTrailRecord) -> Finding:
    if record.identity.kind == "Unknown":
        reason = "AWS found a sign-in unusual and does not say whose; it may be root's"
    elif record.identity.is_root:
        reason = "AWS found a sign-in of the root user unusual"
    else:
        return nothing_to_alert(f"the sign-in is one of type {record.identity.kind}, not of root")
    return Finding(activity=Activity.SIGN_IN_ANOMALY, assessment=Assessment(Severity.HIGH, reason))
