"""Steps towards an account's root, and the ways out of the organization, by any caller, row by row."""

from rootwarden.activity.rows import (
    DENY_LEAVING,
    END_SESSION,
    LOOK_AT_TRAILS,
    SIGN_IN,
    ActivityRow,
    AlertText,
    Condition,
    EventMatch,
)
from rootwarden.contract.activities import Activity, Severity

ASK_OWNER = "Ask the principal's owner now whether they did this, by a channel other than e-mail."
LOOK_FOR_OTHERS = "Read in CloudTrail what the same principal did besides."

_ACCOUNT = "account.amazonaws.com"
_ORGANIZATIONS = "organizations.amazonaws.com"
REVOKE_PRINCIPAL = "If not, end what the principal may do: {revoke}"
_EMAIL = (
    ASK_OWNER,
    REVOKE_PRINCIPAL,
    (
        "See whose address it is, with credentials of the management account: "
        "aws account get-primary-email --account-id {account}"
    ),
)
_WAY_OUT = (
    ASK_OWNER,
    REVOKE_PRINCIPAL,
    (
        "If it is out, with credentials of the management account: "
        "aws organizations invite-account-to-organization --target Id={account},Type=ACCOUNT"
    ),
)
# AWS keeps a closed account for 90 days.
_CLOSING = (ASK_OWNER, REVOKE_PRINCIPAL, "Have AWS Support reopen it: they can within 90 days.")
_TRIED = (ASK_OWNER, REVOKE_PRINCIPAL, LOOK_FOR_OTHERS)


TAKEOVER_ROWS = (
    ActivityRow(
        activity=Activity.ROOT_EMAIL_UPDATE_STARTED,
        shown_by=EventMatch(_ACCOUNT, ("StartPrimaryEmailUpdate",)),
        by_anyone=True,
        done=AlertText(
            Severity.HIGH,
            "change of root's e-mail address begun",
            "somebody began to change a member's root e-mail address; its mailbox can reset the password",
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "change of root's e-mail address tried",
            "somebody tried to begin to change a member's root e-mail address, and {ending}",
        ),
        steps=_EMAIL,
    ),
    ActivityRow(
        activity=Activity.ROOT_EMAIL_UPDATE_ACCEPTED,
        shown_by=EventMatch(_ACCOUNT, ("AcceptPrimaryEmailUpdate",)),
        by_anyone=True,
        done=AlertText(
            Severity.CRITICAL,
            "e-mail address of a member's root changed",
            "somebody changed a member's root e-mail address; its new mailbox can reset the root password",
        ),
        tried=AlertText(
            Severity.HIGH,
            "confirmation of root's new e-mail address tried",
            "somebody tried to confirm a new root e-mail address of a member, and {ending}",
        ),
        steps=_EMAIL,
    ),
    ActivityRow(
        activity=Activity.CONTACT_TOUCHED,
        shown_by=EventMatch(_ACCOUNT, ("PutContactInformation",), Condition.NOT_BY_ROOT),
        by_anyone=True,
        done=AlertText(
            Severity.MEDIUM,
            "primary contact of the account changed",
            "somebody changed the account's primary contact: AWS calls its telephone where root lost its MFA",
        ),
        tried=AlertText(
            Severity.LOW,
            "change of the primary contact tried",
            "somebody tried to change the account's primary contact, and {ending}",
        ),
        steps=(
            ASK_OWNER,
            REVOKE_PRINCIPAL,
            (
                "See whose telephone it is, with credentials of the management account: "
                "aws account get-contact-information --account-id {account}"
            ),
        ),
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_ANOMALY,
        by_anyone=True,
        done=AlertText(
            Severity.HIGH, "AWS finds a sign-in unusual", "AWS found a sign-in of the root user unusual"
        ),
        steps=(
            "Ask the account's owners now whether they signed in as root, by a channel other than e-mail.",
            END_SESSION,
        ),
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_GUARD_CHANGED,
        shown_by=EventMatch(
            SIGN_IN,
            (
                "PutConsoleAuthorizationConfiguration",
                "DeleteConsoleAuthorizationConfiguration",
                "PutResourcePermissionStatement",
                "DeleteResourcePermissionStatement",
            ),
        ),
        by_anyone=True,
        done=AlertText(
            Severity.HIGH, "sign-in guard changed", "somebody changed a rule on who may sign in from where"
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "change of the sign-in guard tried",
            "somebody tried to change a rule on who may sign in from where, and {ending}",
        ),
        steps=(ASK_OWNER, REVOKE_PRINCIPAL, LOOK_FOR_OTHERS),
    ),
    ActivityRow(
        activity=Activity.TRAIL_TOUCHED,
        shown_by=EventMatch(
            "cloudtrail.amazonaws.com",
            ("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"),
            Condition.NOT_BY_ROOT,
        ),
        by_anyone=True,
        done=AlertText(
            Severity.HIGH,
            "trail touched",
            "somebody changed what a trail records: what every alert comes by may be missing from now on",
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "change of a trail tried",
            "somebody tried to change what a trail records, and {ending}",
        ),
        steps=(ASK_OWNER, REVOKE_PRINCIPAL, LOOK_AT_TRAILS),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_LEAVING,
        shown_by=EventMatch(_ORGANIZATIONS, ("LeaveOrganization",), Condition.NOT_BY_ROOT),
        by_anyone=True,
        done=AlertText(
            Severity.CRITICAL,
            "account left the organization",
            "the account left the organization by its own act",
        ),
        tried=AlertText(
            Severity.HIGH,
            "leaving the organization tried",
            "the account tried to leave the organization, and {ending}",
        ),
        steps=_WAY_OUT,
        steps_tried=(ASK_OWNER, REVOKE_PRINCIPAL, DENY_LEAVING),
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_REMOVED,
        shown_by=EventMatch(_ORGANIZATIONS, ("RemoveAccountFromOrganization",)),
        by_anyone=True,
        done=AlertText(
            Severity.HIGH,
            "account removed from the organization",
            "somebody removed the account from the organization",
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "removal from the organization tried",
            "somebody tried to remove the account from the organization, and {ending}",
        ),
        steps=_WAY_OUT,
        steps_tried=_TRIED,
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_CLOSING,
        shown_by=EventMatch(None, ("CloseAccount",), Condition.NOT_BY_ITS_OWN_ROOT),
        by_anyone=True,
        done=AlertText(Severity.HIGH, "closing of the account begun", "somebody began to close the account"),
        tried=AlertText(
            Severity.MEDIUM,
            "closing of the account tried",
            "somebody tried to close the account, and {ending}",
        ),
        steps=_CLOSING,
        steps_tried=_TRIED,
    ),
)
