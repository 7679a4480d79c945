"""How bad a root activity is, and why: one table, and the few things that make it worse or better."""

from dataclasses import dataclass
from enum import StrEnum

from lambdas.domain.activity.root_activity import Activity, ActorKind, mfa_used
from lambdas.domain.cloudtrail import CloudTrailRecord


class Severity(StrEnum):
    """From worst to harmless."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """A number that grows with severity."""
        return len(Severity) - list(Severity).index(self)


@dataclass(frozen=True)
class Assessment:
    """A severity and the sentence that gives its reason."""

    severity: Severity
    reason: str


_BY_ACTIVITY = {
    Activity.SIGN_IN_SUCCEEDED: Assessment(Severity.HIGH, "the root user signed in to the console"),
    Activity.SIGN_IN_FAILED: Assessment(Severity.MEDIUM, "somebody tried the root user's password"),
    Activity.PASSWORD_RECOVERY_REQUESTED: Assessment(
        Severity.HIGH, "somebody asked for a new root password, by the root user's e-mail address"
    ),
    Activity.PASSWORD_RECOVERY_COMPLETED: Assessment(
        Severity.CRITICAL, "somebody with access to the root user's mailbox set a root password"
    ),
    Activity.PASSWORD_CHANGED: Assessment(Severity.CRITICAL, "a root password was set"),
    Activity.SIGN_IN_STEP: Assessment(Severity.MEDIUM, "a step towards signing in as root"),
    Activity.CREDENTIAL_CREATED: Assessment(
        Severity.CRITICAL, "a new root credential outlives whoever made it"
    ),
    Activity.API_CALL: Assessment(Severity.HIGH, "the root user changed something"),
    Activity.ROOT_SESSION_OPENED: Assessment(
        Severity.HIGH, "a principal other than rootwarden opened a root session"
    ),
    Activity.ROOT_SESSION_REFUSED: Assessment(
        Severity.MEDIUM, "a principal other than rootwarden tried to open a root session"
    ),
    Activity.PROTECTION_WEAKENED: Assessment(
        Severity.CRITICAL, "what keeps root credentials away was switched off or given away"
    ),
    Activity.PROTECTION_CHANGED: Assessment(
        Severity.LOW, "the settings that keep root credentials away were touched"
    ),
}
_CREATE_PASSWORD_POLICY = "/root-task/IAMCreateRootUserPassword"


def assess(record: CloudTrailRecord, activity: Activity, actor: ActorKind) -> Assessment:
    """Give an activity its severity and the reason."""
    if activity is Activity.SIGN_IN_SUCCEEDED and mfa_used(record) is not True:
        how = "without MFA" if mfa_used(record) is False else "and the record does not say whether with MFA"
        return Assessment(Severity.CRITICAL, f"the root user signed in to the console {how}")
    by_root = record.identity.is_root and activity is Activity.PROTECTION_CHANGED
    if activity is Activity.API_CALL or by_root:
        return _assess_call(record, actor)
    if activity is Activity.PROTECTION_CHANGED and record.error_code:
        reason = "somebody tried to change what keeps root credentials away and was refused"
        return Assessment(Severity.MEDIUM, f"{reason} ({record.error_code})")
    if activity is Activity.ROOT_SESSION_OPENED:
        policy = record.detail.optional_text("requestParameters", "taskPolicyArn", "arn") or ""
        if policy.endswith(_CREATE_PASSWORD_POLICY):
            reason = "a principal other than rootwarden opened a root session that can set a password"
            return Assessment(Severity.CRITICAL, reason)
    return _BY_ACTIVITY[activity]


def _assess_call(record: CloudTrailRecord, actor: ActorKind) -> Assessment:
    if actor is ActorKind.LONG_TERM_KEY:
        severity = Severity.HIGH if record.read_only else Severity.CRITICAL
        return Assessment(severity, "a root access key exists and is in use")
    if record.error_code:
        reason = f"the root user tried something and was refused ({record.error_code})"
        return Assessment(Severity.MEDIUM, reason)
    if record.read_only:
        return Assessment(Severity.MEDIUM, "the root user looked at something")
    if actor is ActorKind.ROOT_SESSION:
        reason = "a root session that rootwarden did not open changed something"
        return Assessment(Severity.HIGH, reason)
    return _BY_ACTIVITY[Activity.API_CALL]
