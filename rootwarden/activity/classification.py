"""What a record shows, by the table of activities, and with what its caller called."""

import re
from collections.abc import Callable, Mapping

from rootwarden.activity.call_rows import CALL_ROWS
from rootwarden.activity.root_activity import ActorKind
from rootwarden.activity.rows import SIGN_IN, ActivityRow, AlertText, Condition
from rootwarden.activity.sign_in_rows import SIGN_IN_ROWS
from rootwarden.activity.takeover_rows import TAKEOVER_ROWS
from rootwarden.activity.watch_rows import PROTECTION_ROWS, WATCH_ROWS
from rootwarden.cloudtrail import CloudTrailRecord, acting_service
from rootwarden.contract.activities import Activity
from rootwarden.events import AccountId, MalformedEvent

# The first row that fits counts, so the rows for everything else come last.
ROWS: tuple[ActivityRow, ...] = (
    *PROTECTION_ROWS,
    *WATCH_ROWS,
    *TAKEOVER_ROWS,
    *SIGN_IN_ROWS,
    *CALL_ROWS,
)
ROW_OF: Mapping[Activity, ActivityRow] = {row.activity: row for row in ROWS}
_OF_ROOTS_CREDENTIALS = (Activity.CREDENTIAL_CREATED, Activity.MFA_REMOVED, Activity.CREDENTIAL_REMOVED)

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
_ROOT_NAMES = frozenset({"AWS ROOT USER", "root", "Root", "<root_account>"})
# What IAM allows in a user's name; anything else is not repeated.
_USER_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
# AWS names the kind of policy in the message; only these words of it are repeated.
_POLICY = re.compile(r"\b(service control|resource control|resource-based|identity-based|session) policy\b")
_ROOT_ARN = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root")
# In invokedBy or as the user agent.
_OF_THE_CONSOLE = frozenset({"signin.amazonaws.com", "AWS Internal", "console.amazonaws.com"})
# Some pages of the console, S3's among them, say by nothing else that they are it.
_CONSOLE_AGENT = re.compile(r"\[?S3Console/|.*\baws-internal/", re.ASCII)
_SAYS_WHAT_IS_FROM_THE_CONSOLE, _NEWEST = (1, 8), (10_000,)
_DENIALS = ("AccessDenied", "AccessDeniedException")


def classify(record: CloudTrailRecord, hub_account_id: AccountId) -> Activity:
    """Say what a record shows; raises MalformedEvent for one that shows no root activity at all."""
    protection = _protection(record, hub_account_id)
    if protection:
        return protection
    attempted = was_refused_or_failed(record)
    for row in ROWS:
        has_text = (row.tried if attempted else row.done) is not None
        if has_text and (row.by_anyone or record.identity.is_root) and shows(record, row):
            return row.activity
    raise MalformedEvent("detail.userIdentity.type", "Root", record.identity.kind)


def shows(record: CloudTrailRecord, row: ActivityRow) -> bool:
    """Say whether a record shows a row's activity, whoever called."""
    match = row.shown_by
    if match is None:
        return False
    status = record.detail.optional_text("requestParameters", "status")
    called = {record.event_name, f"{record.event_name}={status}"}
    is_named = not match.names or not called.isdisjoint(match.names)
    is_from = match.source in {None, record.event_source}
    return is_named and is_from and (match.condition is None or _CONDITIONS[match.condition](record))


def text_of(activity: Activity, *, attempted: bool) -> AlertText:
    """Return what is said of a try or of a deed; of the other where the row has only that."""
    row = ROW_OF[activity]
    text = (row.tried if attempted else row.done) or row.done or row.tried
    if text is None:
        raise ValueError(f"the row of {activity} says nothing")
    return text


def _protection(record: CloudTrailRecord, hub_account_id: AccountId) -> Activity | None:
    # Trusted access and delegated administrators exist for other services too; the features' calls name none.
    service = record.detail.optional_text("requestParameters", "servicePrincipal")
    name = record.event_name
    if name not in _WEAKENS | _CHANGES or service not in {None, "iam.amazonaws.com"}:
        return None
    stranger = record.detail.optional_text("requestParameters", "accountId") != hub_account_id
    weakens = name in _WEAKENS or (name == "RegisterDelegatedAdministrator" and stranger)
    return (
        Activity.PROTECTION_WEAKENED
        if weakens and not was_refused_or_failed(record)
        else Activity.PROTECTION_CHANGED
    )


def protection_target(record: CloudTrailRecord, activity: Activity) -> str | None:
    """Return whom a change of the protection names, the account or else the service; None where nobody."""
    if activity not in {Activity.PROTECTION_WEAKENED, Activity.PROTECTION_CHANGED}:
        return None
    fields = ("accountId", "servicePrincipal")
    named = (record.detail.optional_text("requestParameters", field) for field in fields)
    return next(filter(None, named), None)


def was_refused_or_failed(record: CloudTrailRecord) -> bool:
    """Say whether what the record shows was tried and did not succeed."""
    if record.error_code or record.error_message:
        return True
    result = record.detail.optional_text("responseElements", record.event_name)
    if record.event_name == "ConsoleLogin":
        return result != "Success"
    return result is not None and result.lower() in {"failure", "failed"}


def ending(record: CloudTrailRecord) -> str:
    """Say how the try ended; to be read after "and"."""
    policy = _denying_policy(record)
    if policy:
        return f"{policy} stopped it"
    return f"AWS refused it ({record.error_code})" if record.error_code else "it failed"


def _denying_policy(record: CloudTrailRecord) -> str | None:
    """Return the kind of policy that denied it, in words; None where the record names none."""
    message = record.error_message or ""
    named = _POLICY.search(message.lower())
    if named:
        return f"a {named[0]}"
    is_denied_sign_in = record.event_name == "ConsoleLogin" and record.error_code in _DENIALS
    return "a policy" if is_denied_sign_in or "policy" in message.lower() else None


def _names_iam_user(record: CloudTrailRecord) -> bool:
    # Without a name, or with root's, a call is about root itself.
    name = record.detail.optional_text("requestParameters", "userName")
    return name is not None and name not in _ROOT_NAMES


def iam_user(record: CloudTrailRecord) -> str:
    """Return the IAM user a call names, in words."""
    name = record.detail.optional_text("requestParameters", "userName") or ""
    return f"IAM user {name}" if _USER_NAME.fullmatch(name) else "an IAM user"


def is_root_itself(record: CloudTrailRecord) -> bool:
    """Say whether root itself called. What a service does for root is not root's own call."""
    return record.identity.is_root and acting_service(record.detail) is None


def is_about_roots_credentials(record: CloudTrailRecord) -> bool:
    """Say whether a call makes or removes a credential of root itself, whoever made it."""
    return any(shows(record, ROW_OF[activity]) for activity in _OF_ROOTS_CREDENTIALS)


def _is_about_payment(record: CloudTrailRecord) -> bool:
    # Billing names its events about payment methods in several ways.
    name = record.event_name
    is_of_billing = record.event_source.startswith(("billingconsole.", "billing.", "payments."))
    changes = not name.startswith(("Get", "List", "Describe"))
    return is_of_billing and changes and ("payment" in name.lower() or name.startswith("Instruments_"))


_CONDITIONS: Mapping[Condition, Callable[[CloudTrailRecord], bool]] = {
    Condition.DENIED_BY_POLICY: lambda record: _denying_policy(record) is not None,
    Condition.OF_ROOT: lambda record: not _names_iam_user(record),
    Condition.OF_IAM_USER: _names_iam_user,
    Condition.NOT_BY_ROOT: lambda record: not is_root_itself(record),
    # Organizations acts on another account than the caller's.
    Condition.NOT_BY_ITS_OWN_ROOT: lambda record: (
        record.event_source == "organizations.amazonaws.com" or not is_root_itself(record)
    ),
    # What the account and billing pages write.
    Condition.CONSOLE_ACTION: lambda record: record.event_type == "AwsConsoleAction",
    Condition.ABOUT_PAYMENT: _is_about_payment,
}


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
    if record.event_source == SIGN_IN:
        return ActorKind.SIGN_IN
    if (record.identity.access_key_id or "").startswith("AKIA"):
        return ActorKind.LONG_TERM_KEY
    if record.event_type == "AwsConsoleAction" or record.detail.is_true("sessionCredentialFromConsole"):
        return ActorKind.CONSOLE_SESSION
    if not record.identity.has_session:
        return ActorKind.UNKNOWN
    if _is_of_a_sign_in(record):
        return ActorKind.CONSOLE_SESSION
    # What a service does for root shows the service's session, whatever root's is of.
    return ActorKind.UNKNOWN if acting_service(record.detail) else ActorKind.TEMPORARY_SESSION


def _is_of_a_sign_in(record: CloudTrailRecord) -> bool:
    """Say whether a session came from a sign-in, as far as the record shows; older records hardly do.

    Sessions of GetSessionToken, which takes a root access key, have none of this.
    """
    names = {record.detail.optional_text("userIdentity", "invokedBy"), record.user_agent}
    by_console = record.identity.sign_in_session is not None or not names.isdisjoint(_OF_THE_CONSOLE)
    by_console = by_console or _CONSOLE_AGENT.match(record.user_agent or "") is not None
    return by_console or _version(record) < _SAYS_WHAT_IS_FROM_THE_CONSOLE


def _version(record: CloudTrailRecord) -> tuple[int, ...]:
    version = record.detail.optional_text("eventVersion") or ""
    return (
        tuple(map(int, version.split("."))) if re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}", version) else _NEWEST
    )


def mfa_used(record: CloudTrailRecord) -> bool | None:
    """Say whether a sign-in used MFA; None where the record does not say. Spelled Yes, YES or No."""
    spelled = record.detail.optional_text("additionalEventData", "MFAUsed")
    return None if spelled is None else spelled.lower() == "yes"


def session_key(record: CloudTrailRecord) -> str | None:
    """Return the access key of the root session a record is about: the one opened, or the one used."""
    if record.event_name == "AssumeRoot":
        return record.detail.optional_text("responseElements", "credentials", "accessKeyId")
    return record.identity.access_key_id if record.identity.is_root else None


def affected_account(record: CloudTrailRecord) -> AccountId:
    """Return the account an AssumeRoot call reached for; else the one where the record was logged."""
    target = record.detail.optional_text("requestParameters", "targetPrincipal") or ""
    by_arn = _ROOT_ARN.fullmatch(target)
    account_id = by_arn[1] if by_arn else target
    if record.event_name == "AssumeRoot" and re.fullmatch(r"[0-9]{12}", account_id):
        return AccountId(account_id)
    return record.account_id
