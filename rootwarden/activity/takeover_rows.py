"""Steps towards an account's root, and the ways out of the organization, by any caller, row by row."""

from rootwarden.activity.activity_rows import ActivityRow, ShownBy, Wording, calls
from rootwarden.activity.root_activity import Activity, Severity
from rootwarden.events import CloudTrailRecord, acting_service

ASK_OWNER = "Ask the principal's owner now whether they did this, by a channel other than e-mail."
LOOK_FOR_OTHERS = "Read in CloudTrail what the same principal did besides. See docs/runbook.md, "

_ACCOUNT = "account.amazonaws.com"
_ORGANIZATIONS = "organizations.amazonaws.com"
_EMAIL = (
    ASK_OWNER,
    "If not: see in the management account, under AWS accounts, whose address it is now; change it back.",
    "See docs/runbook.md, Root's e-mail address is being changed.",
)
_WAY_OUT = (
    ASK_OWNER,
    "If not, and it is out: invite it again, or have AWS Support reopen it within 90 days if it was closed.",
    f"{LOOK_FOR_OTHERS}An account leaves the organization.",
)


def _unless_by_root(shown: ShownBy) -> ShownBy:
    """Shown by one of these that root did not call itself, which has a row of its own."""
    return lambda record: shown(record) and not _is_root_itself(record)


def _is_root_itself(record: CloudTrailRecord) -> bool:
    return record.identity.is_root and not acting_service(record.detail)


TAKEOVER_ROWS = (
    ActivityRow(
        activity=Activity.ROOT_EMAIL_UPDATE_STARTED,
        shown_by=calls(_ACCOUNT, "StartPrimaryEmailUpdate"),
        by_anyone=True,
        done=Wording(
            severity=Severity.HIGH,
            headline="change of root's e-mail address begun",
            reason="somebody began to change a member's root e-mail address;"
            " its mailbox can reset the password",
        ),
        tried=Wording(
            severity=Severity.MEDIUM,
            headline="change of root's e-mail address tried",
            reason="somebody tried to begin to change a member's root e-mail address, and {ending}",
        ),
        steps=_EMAIL,
    ),
    ActivityRow(
        activity=Activity.ROOT_EMAIL_UPDATE_ACCEPTED,
        shown_by=calls(_ACCOUNT, "AcceptPrimaryEmailUpdate"),
        by_anyone=True,
        done=Wording(
            severity=Severity.CRITICAL,
            headline="e-mail address of a member's root changed",
            reason="a member's root e-mail address was changed; its new mailbox can reset the root password",
        ),
        tried=Wording(
            severity=Severity.HIGH,
            headline="confirmation of root's new e-mail address tried",
            reason="somebody tried to confirm a new root e-mail address of a member, and {ending}",
        ),
        steps=_EMAIL,
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_ANOMALY,
        by_anyone=True,
        done=Wording(
            severity=Severity.HIGH,
            headline="AWS finds a sign-in unusual",
            reason="AWS found a sign-in of the root user unusual",
        ),
        steps=(
            "Ask the account's owners now whether they signed in as root, by a channel other than e-mail.",
            "If not: rootctl harden the account, which removes its root password.",
            "See docs/runbook.md, AWS finds a sign-in unusual.",
        ),
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_GUARD_CHANGED,
        shown_by=calls(
            "signin.amazonaws.com",
            "PutConsoleAuthorizationConfiguration",
            "DeleteConsoleAuthorizationConfiguration",
            "PutResourcePermissionStatement",
            "DeleteResourcePermissionStatement",
        ),
        by_anyone=True,
        done=Wording(
            severity=Severity.HIGH,
            headline="sign-in guard changed",
            reason="a rule on who may sign in from where was changed",
        ),
        tried=Wording(
            severity=Severity.MEDIUM,
            headline="change of the sign-in guard tried",
            reason="somebody tried to change a rule on who may sign in from where, and {ending}",
        ),
        steps=(ASK_OWNER, f"{LOOK_FOR_OTHERS}The sign-in guard was changed."),
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_LEAVING,
        shown_by=_unless_by_root(calls(_ORGANIZATIONS, "LeaveOrganization")),
        by_anyone=True,
        done=Wording(
            severity=Severity.CRITICAL,
            headline="account left the organization",
            reason="the account left the organization by its own act",
        ),
        tried=Wording(
            severity=Severity.HIGH,
            headline="leaving the organization tried",
            reason="the account tried to leave the organization, and {ending}",
        ),
        steps=_WAY_OUT,
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_REMOVED,
        shown_by=calls(_ORGANIZATIONS, "RemoveAccountFromOrganization"),
        by_anyone=True,
        done=Wording(
            severity=Severity.HIGH,
            headline="account removed from the organization",
            reason="the account was removed from the organization",
        ),
        tried=Wording(
            severity=Severity.MEDIUM,
            headline="removal from the organization tried",
            reason="somebody tried to remove the account from the organization, and {ending}",
        ),
        steps=_WAY_OUT,
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_CLOSING,
        shown_by=calls(_ORGANIZATIONS, "CloseAccount"),
        by_anyone=True,
        done=Wording(
            severity=Severity.HIGH,
            headline="closing of the account begun",
            reason="the closing of the account was begun",
        ),
        tried=Wording(
            severity=Severity.MEDIUM,
            headline="closing of the account tried",
            reason="somebody tried to close the account from outside, and {ending}",
        ),
        steps=_WAY_OUT,
    ),
)
