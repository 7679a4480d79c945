"""The table of activities: one row each. What an event shows, how bad it is and what to do stand together."""

from collections.abc import Mapping

from rootwarden.accounts import AccountId
from rootwarden.activity.activity_rows import ActivityRow, failed
from rootwarden.activity.call_rows import CALL_ROWS
from rootwarden.activity.root_activity import Activity, ActorKind
from rootwarden.activity.sign_in_rows import SIGN_IN_ROWS
from rootwarden.activity.takeover_rows import TAKEOVER_ROWS
from rootwarden.activity.watch_rows import PROTECTION_ROWS, WATCH_ROWS
from rootwarden.event_fields import MalformedEvent
from rootwarden.events import CloudTrailRecord

# The first row that fits counts, so the rows for everything else come last.
ROWS: tuple[ActivityRow, ...] = (
    *PROTECTION_ROWS,
    *WATCH_ROWS,
    *TAKEOVER_ROWS,
    *SIGN_IN_ROWS,
    *CALL_ROWS,
)
ROW_OF: Mapping[Activity, ActivityRow] = {row.activity: row for row in ROWS}


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
