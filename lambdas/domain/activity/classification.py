"""What kind of root activity a CloudTrail record shows, and with which credentials."""

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.activity_row import ActivityRow
from lambdas.domain.activity.activity_table import ROWS
from lambdas.domain.activity.root_activity import Activity, ActorKind
from lambdas.domain.activity.tries import failed
from lambdas.domain.cloudtrail import CloudTrailRecord
from lambdas.domain.event_fields import MalformedEvent

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
    protection = _protection(record, hub_account_id)
    if protection:
        return protection
    attempted = failed(record)
    for row in ROWS:
        if _fits(row, record, attempted=attempted):
            return row.activity
    raise MalformedEvent("detail.userIdentity.type", "Root", record.identity.kind)


def _fits(row: ActivityRow, record: CloudTrailRecord, *, attempted: bool) -> bool:
    wording = row.tried if attempted else row.done
    by_right_caller = row.by_anyone or record.identity.is_root
    return wording is not None and by_right_caller and row.shown_by(record)


def _protection(record: CloudTrailRecord, hub_account_id: AccountId) -> Activity | None:
    # Trusted access and delegated administrators exist for other services too; the features' calls name none.
    service = record.detail.optional_text("requestParameters", "servicePrincipal")
    name = record.event_name
    if name not in _WEAKENS | _CHANGES or service not in {None, "iam.amazonaws.com"}:
        return None
    stranger = record.detail.optional_text("requestParameters", "accountId") != hub_account_id
    weakens = name in _WEAKENS or (name == "RegisterDelegatedAdministrator" and stranger)
    return Activity.PROTECTION_WEAKENED if weakens and not failed(record) else Activity.PROTECTION_CHANGED


def actor_kind(record: CloudTrailRecord, activity: Activity, *, opened_by_assume_root: bool) -> ActorKind:
    """Say with what the caller called. opened_by_assume_root: the access key is known from an AssumeRoot."""
    identity = record.identity
    if not identity.is_root:
        return ActorKind.PRINCIPAL
    # A kind of its own, always: its long bursts must not swallow anything else.
    if activity is Activity.CLI_SESSION:
        return ActorKind.CLI_LOGIN
    if identity.is_root_session or opened_by_assume_root:
        return ActorKind.ROOT_SESSION
    if identity.is_federated:
        return ActorKind.FEDERATED_SESSION
    return _own_credentials(record)


def _own_credentials(record: CloudTrailRecord) -> ActorKind:
    if record.event_source == "signin.amazonaws.com":
        return ActorKind.SIGN_IN
    if (record.identity.access_key_id or "").startswith("AKIA"):
        return ActorKind.LONG_TERM_KEY
    in_console = record.identity.has_session or record.event_type == "AwsConsoleAction"
    return ActorKind.CONSOLE_SESSION if in_console else ActorKind.UNKNOWN


def mfa_used(record: CloudTrailRecord) -> bool | None:
    """Say whether a sign-in used MFA; None where the record does not say. Spelled Yes, YES or No."""
    spelled = record.detail.optional_text("additionalEventData", "MFAUsed")
    return None if spelled is None else spelled.lower() == "yes"
