"""What kind of root activity a CloudTrail record shows, and with which credentials."""

from enum import StrEnum

from lambdas.domain.accounts import AccountId
from lambdas.domain.cloudtrail import CloudTrailRecord
from lambdas.domain.event_fields import MalformedEvent


class Activity(StrEnum):
    """What was done."""

    SIGN_IN_SUCCEEDED = "sign_in_succeeded"
    SIGN_IN_FAILED = "sign_in_failed"
    PASSWORD_RECOVERY_REQUESTED = "password_recovery_requested"
    PASSWORD_RECOVERY_COMPLETED = "password_recovery_completed"
    PASSWORD_CHANGED = "password_changed"
    SIGN_IN_STEP = "sign_in_step"
    CREDENTIAL_CREATED = "credential_created"
    API_CALL = "api_call"
    ROOT_SESSION_OPENED = "root_session_opened"
    ROOT_SESSION_REFUSED = "root_session_refused"
    PROTECTION_WEAKENED = "protection_weakened"
    PROTECTION_CHANGED = "protection_changed"
    # What lambdas.domain.activity.watch finds; classify gives none of these.
    ROOT_EMAIL_UPDATE_STARTED = "root_email_update_started"
    ROOT_EMAIL_UPDATE_ACCEPTED = "root_email_update_accepted"
    ROOT_EMAIL_UPDATE_REFUSED = "root_email_update_refused"
    SIGN_IN_ANOMALY = "sign_in_anomaly"
    SIGN_IN_GUARD_CHANGED = "sign_in_guard_changed"
    SIGN_IN_GUARD_REFUSED = "sign_in_guard_refused"
    ACCOUNT_LEAVING = "account_leaving"
    ACCOUNT_LEAVING_REFUSED = "account_leaving_refused"
    WATCH_TAKEN_DOWN = "watch_taken_down"
    WATCH_CHANGED = "watch_changed"
    WATCH_CHANGE_REFUSED = "watch_change_refused"


class ActorKind(StrEnum):
    """With what the caller called."""

    LONG_TERM_KEY = "long_term_key"
    CONSOLE_SESSION = "console_session"
    ROOT_SESSION = "root_session"
    SIGN_IN = "sign_in"
    PRINCIPAL = "principal"
    UNKNOWN = "unknown"


_SIGN_IN = {
    "PasswordRecoveryRequested": Activity.PASSWORD_RECOVERY_REQUESTED,
    "PasswordRecoveryCompleted": Activity.PASSWORD_RECOVERY_COMPLETED,
    "PasswordUpdated": Activity.PASSWORD_CHANGED,
}
_CREATES_CREDENTIAL = frozenset(
    {
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreateVirtualMFADevice",
        "EnableMFADevice",
        "UpdateLoginProfile",
        "UploadSigningCertificate",
    }
)
_WEAKENS = frozenset(
    {
        "DeregisterDelegatedAdministrator",
        "DisableAWSServiceAccess",
        "DisableOrganizationsRootCredentialsManagement",
        "DisableOrganizationsRootSessions",
    }
)
_CHANGES = frozenset(
    {
        "EnableAWSServiceAccess",
        "EnableOrganizationsRootCredentialsManagement",
        "EnableOrganizationsRootSessions",
        "RegisterDelegatedAdministrator",
    }
)


def classify(record: CloudTrailRecord, hub_account_id: AccountId) -> Activity:
    """Say what a record shows; raises MalformedEvent for one that shows no root activity at all."""
    name = record.event_name
    if name == "AssumeRoot":
        refused = record.error_code is not None
        return Activity.ROOT_SESSION_REFUSED if refused else Activity.ROOT_SESSION_OPENED
    # Trusted access and delegated administrators exist for other services too; the features' calls name none.
    service = record.detail.optional_text("requestParameters", "servicePrincipal")
    if name in _WEAKENS | _CHANGES and service in {None, "iam.amazonaws.com"}:
        stranger = record.detail.optional_text("requestParameters", "accountId") != hub_account_id
        weakens = name in _WEAKENS or (name == "RegisterDelegatedAdministrator" and stranger)
        weakens = weakens and record.error_code is None
        return Activity.PROTECTION_WEAKENED if weakens else Activity.PROTECTION_CHANGED
    if not record.identity.is_root:
        raise MalformedEvent("detail.userIdentity.type", "Root", record.identity.kind)
    if record.event_source == "signin.amazonaws.com":
        return _classify_sign_in(record)
    creates = name in _CREATES_CREDENTIAL and record.error_code is None
    return Activity.CREDENTIAL_CREATED if creates else Activity.API_CALL


def _classify_sign_in(record: CloudTrailRecord) -> Activity:
    if record.event_name != "ConsoleLogin":
        return _SIGN_IN.get(record.event_name, Activity.SIGN_IN_STEP)
    succeeded = record.detail.optional_text("responseElements", "ConsoleLogin") == "Success"
    return Activity.SIGN_IN_SUCCEEDED if succeeded else Activity.SIGN_IN_FAILED


def actor_kind(record: CloudTrailRecord, *, opened_by_assume_root: bool) -> ActorKind:
    """Say with what the caller called. opened_by_assume_root: the access key is known from an AssumeRoot."""
    identity = record.identity
    if not identity.is_root:
        return ActorKind.PRINCIPAL
    if identity.is_root_session or opened_by_assume_root:
        return ActorKind.ROOT_SESSION
    if record.event_source == "signin.amazonaws.com":
        return ActorKind.SIGN_IN
    if (identity.access_key_id or "").startswith("AKIA"):
        return ActorKind.LONG_TERM_KEY
    return ActorKind.CONSOLE_SESSION if identity.has_session else ActorKind.UNKNOWN


def mfa_used(record: CloudTrailRecord) -> bool | None:
    """Say whether a sign-in used MFA; None where the record does not say. Spelled Yes, YES or No."""
    spelled = record.detail.optional_text("additionalEventData", "MFAUsed")
    return None if spelled is None else spelled.lower() == "yes"
