"""What happens on root's sign-in page, row by row. The first row that fits counts."""

from datetime import timedelta

from rootwarden.activity.rows import (
    ASK,
    END_SESSION,
    OPEN_SESSION,
    SIGN_IN,
    ActivityRow,
    AlertText,
    Condition,
    EventMatch,
)
from rootwarden.contract.activities import Activity, Severity

# `aws login` lasts 12 hours and fetches a new token every 15 minutes; the last one may come late.
CLI_SESSION_LENGTH = timedelta(hours=12, minutes=15)

CHECK_PASSWORD = "Check that the account has no root password to try: {audit}"
_ASK_READERS = "Find out who reads the root user's mailbox, and ask them."
_THEN_REMOVE = "Then remove its root credentials: {harden}"

SIGN_IN_ROWS = (
    ActivityRow(
        activity=Activity.SIGN_IN_SUCCEEDED,
        shown_by=EventMatch(SIGN_IN, ("ConsoleLogin",)),
        done=AlertText(Severity.HIGH, "root signed in", "the root user signed in to the console"),
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_DENIED,
        shown_by=EventMatch(SIGN_IN, ("ConsoleLogin",), Condition.DENIED_BY_POLICY),
        tried=AlertText(
            Severity.MEDIUM,
            "root sign-in stopped by a policy",
            "somebody tried to sign in as root, and {ending}",
        ),
        steps=(
            "Nothing was entered. Look at the source address: was it an owner from an unusual network?",
            CHECK_PASSWORD,
        ),
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_FAILED,
        shown_by=EventMatch(SIGN_IN, ("ConsoleLogin",)),
        tried=AlertText(
            Severity.MEDIUM,
            "root sign-in failed",
            "somebody tried the root user's password, or knew it and failed at the MFA code",
        ),
        steps=(
            "One failure may be a typing error; many, or a success afterwards, are an attack.",
            CHECK_PASSWORD,
            "If the MFA code was wrong, and no owner typed it, the password is known. Remove it: {harden}",
        ),
    ),
    ActivityRow(
        activity=Activity.PASSWORD_RECOVERY_REQUESTED,
        shown_by=EventMatch(SIGN_IN, ("PasswordRecoveryRequested",)),
        done=AlertText(
            Severity.HIGH,
            "root password recovery requested",
            "somebody asked for a new root password, by the root user's e-mail address",
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "root password recovery tried, and failed",
            "somebody tried to ask for a new root password, and {ending}",
        ),
        steps=(
            _ASK_READERS,
            "If they did not ask for it: secure the mailbox first, the link goes there.",
            _THEN_REMOVE,
        ),
        steps_tried=(_ASK_READERS, CHECK_PASSWORD),
    ),
    ActivityRow(
        activity=Activity.PASSWORD_RECOVERY_COMPLETED,
        shown_by=EventMatch(SIGN_IN, ("PasswordRecoveryCompleted",)),
        done=AlertText(
            Severity.CRITICAL,
            "root password recovered",
            "somebody with access to the root user's mailbox set a root password",
        ),
        tried=AlertText(
            Severity.HIGH,
            "root password recovery tried to the end, and failed",
            "somebody with the recovery link tried to set a root password, and {ending}",
        ),
    ),
    ActivityRow(
        activity=Activity.PASSWORD_CHANGED,
        shown_by=EventMatch(SIGN_IN, ("PasswordUpdated",)),
        done=AlertText(Severity.CRITICAL, "root password set", "somebody set a root password"),
        tried=AlertText(
            Severity.HIGH,
            "root password change tried, and failed",
            "somebody tried to set a root password, and {ending}",
        ),
    ),
    ActivityRow(
        activity=Activity.EMAIL_CHANGED,
        shown_by=EventMatch(SIGN_IN, ("EmailUpdated",)),
        done=AlertText(
            Severity.CRITICAL,
            "root e-mail address changed",
            "somebody changed root's e-mail address: whoever reads the new mailbox can set a password",
        ),
        tried=AlertText(
            Severity.HIGH,
            "root e-mail change tried, and failed",
            "somebody tried to change the root user's e-mail address, and {ending}",
        ),
        steps=(
            ASK,
            (
                "If they did not, set it back, with credentials of the management account: "
                "aws account start-primary-email-update --account-id {account} --primary-email ADDRESS"
            ),
            _THEN_REMOVE,
        ),
        steps_tried=(ASK, END_SESSION),
    ),
    ActivityRow(
        activity=Activity.CLI_SESSION,
        shown_by=EventMatch(SIGN_IN, ("AuthorizeOAuth2Access", "CreateOAuth2Token")),
        done=AlertText(
            Severity.CRITICAL,
            "root began a command line session",
            "`aws login` gave root's credentials to a command line, for up to 12 hours",
        ),
        tried=AlertText(
            Severity.HIGH,
            "root command line session tried, and refused",
            "somebody tried to get root's credentials for a command line by `aws login`, and {ending}",
        ),
        steps=(ASK, END_SESSION, OPEN_SESSION),
        steps_tried=(ASK, END_SESSION),
        grouped_for=CLI_SESSION_LENGTH,
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_TOKEN_REQUESTED,
        shown_by=EventMatch(SIGN_IN, ("GetSigninToken",)),
        done=AlertText(
            Severity.HIGH,
            "root got a sign-in token",
            "somebody turned root credentials into a sign-in token: its link opens the console as root",
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "root sign-in token tried, and refused",
            "somebody tried to turn root credentials into a sign-in token, and {ending}",
        ),
    ),
    ActivityRow(
        activity=Activity.ROLE_SWITCHED,
        shown_by=EventMatch(SIGN_IN, ("SwitchRole",)),
        done=AlertText(
            Severity.HIGH,
            "root switched to a role",
            "the root user switched to a role in the console, which by AWS's guide no root user can",
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "root tried to switch to a role",
            "the root user tried to switch to a role in the console, and {ending}",
        ),
        steps=(
            ASK,
            "Whatever became of the switch, the person is signed in as root. " + END_SESSION,
        ),
    ),
    ActivityRow(
        activity=Activity.SIGN_IN_STEP,
        shown_by=EventMatch(SIGN_IN),
        done=AlertText(Severity.MEDIUM, "root sign-in begun", "somebody began to sign in as root"),
        tried=AlertText(
            Severity.MEDIUM,
            "root sign-in begun, and failed",
            "somebody began to sign in as root, and {ending}",
        ),
    ),
)
