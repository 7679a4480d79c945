"""What root does once it is in, row by row. The first row that fits counts; the last one fits every call."""

from rootwarden.activity.rows import (
    ASK,
    DENY_LEAVING,
    END_SESSION,
    LOOK_AT_TRAILS,
    ActivityRow,
    AlertText,
    Condition,
    EventMatch,
)
from rootwarden.contract.activities import Activity, Severity

_IAM = "iam.amazonaws.com"
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_REMOVAL = (
    "DeleteAccessKey",
    "DeleteLoginProfile",
    "DeleteSigningCertificate",
    "UpdateAccessKey=Inactive",
    "UpdateSigningCertificate=Inactive",
)
_USER_STEPS = (
    ASK,
    "If they did not: deactivate the credential, and read in CloudTrail what it was used for.",
    END_SESSION,
)
_AWS_SUPPORT = "If they did not: write to AWS Support at once, from the management account."

CALL_ROWS: tuple[ActivityRow, ...] = (
    ActivityRow(
        activity=Activity.CREDENTIAL_CREATED,
        shown_by=EventMatch(
            _IAM,
            (
                "CreateAccessKey",
                "CreateLoginProfile",
                "EnableMFADevice",
                "UpdateAccessKey=Active",
                "UpdateLoginProfile",
                "UpdateSigningCertificate=Active",
                "UploadSigningCertificate",
            ),
            Condition.OF_ROOT,
        ),
        done=AlertText(
            Severity.CRITICAL,
            "root credential added",
            "the root user made or activated a root credential: it outlives the session that did so",
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.USER_CREDENTIAL_CREATED,
        shown_by=EventMatch(
            _IAM,
            (
                "CreateAccessKey",
                "CreateLoginProfile",
                "CreateServiceSpecificCredential",
                "EnableMFADevice",
                "ResetServiceSpecificCredential",
                "UpdateAccessKey=Active",
                "UpdateLoginProfile",
                "UpdateSSHPublicKey=Active",
                "UpdateServiceSpecificCredential=Active",
                "UpdateSigningCertificate=Active",
                "UploadSSHPublicKey",
                "UploadSigningCertificate",
            ),
            Condition.OF_IAM_USER,
        ),
        done=AlertText(
            Severity.HIGH,
            "root added a credential of an IAM user",
            "root made or activated a credential of {user}; it is no root credential",
        ),
        steps=_USER_STEPS,
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.MFA_REMOVED,
        shown_by=EventMatch(_IAM, ("DeactivateMFADevice",), Condition.OF_ROOT),
        done=AlertText(
            Severity.CRITICAL,
            "root MFA device taken away",
            "the root user deactivated its MFA device: the password alone may open the account now",
        ),
        tried=AlertText(
            Severity.HIGH,
            "root MFA device removal tried, and refused",
            "the root user tried to deactivate its MFA device, and {ending}",
        ),
    ),
    ActivityRow(
        activity=Activity.CREDENTIAL_REMOVED,
        shown_by=EventMatch(_IAM, _REMOVAL, Condition.OF_ROOT),
        done=AlertText(
            Severity.HIGH,
            "root credential taken away",
            "the root user removed or deactivated a credential of its own: that tidies up, or hides a trace",
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.USER_CREDENTIAL_REMOVED,
        shown_by=EventMatch(
            _IAM,
            (
                "DeactivateMFADevice",
                "UpdateSSHPublicKey=Inactive",
                "UpdateServiceSpecificCredential=Inactive",
                *_REMOVAL,
            ),
            Condition.OF_IAM_USER,
        ),
        done=AlertText(
            Severity.HIGH,
            "root took away a credential of an IAM user",
            "root removed or deactivated a credential of {user}",
        ),
        steps=(ASK, "If they did not: that person may be locked out, and the account be in other hands."),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.TRAIL_CHANGED,
        shown_by=EventMatch(
            _CLOUDTRAIL,
            (
                "DeleteEventDataStore",
                "DeleteTrail",
                "DeregisterOrganizationDelegatedAdmin",
                "PutEventSelectors",
                "PutInsightSelectors",
                "StopEventDataStoreIngestion",
                "StopLogging",
                "UpdateEventDataStore",
                "UpdateTrail",
            ),
        ),
        done=AlertText(
            Severity.CRITICAL,
            "root touched a trail",
            "the root user changed what CloudTrail records: from now on acts may go unseen",
        ),
        tried=AlertText(
            Severity.CRITICAL,
            "root tried to change a trail",
            "the root user tried to make CloudTrail record less, and {ending}",
        ),
        steps=(
            ASK,
            LOOK_AT_TRAILS,
            END_SESSION,
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.LEFT_ORGANIZATION,
        shown_by=EventMatch("organizations.amazonaws.com", ("LeaveOrganization",)),
        done=AlertText(
            Severity.CRITICAL,
            "root took the account out of the organization",
            "the root user took the account out of the organization: no policy of yours binds it any more",
        ),
        tried=AlertText(
            Severity.HIGH,
            "root tried to leave the organization",
            "the root user tried to take the account out of the organization, and {ending}",
        ),
        steps=(
            ASK,
            "If they did not: invite the account back, and write to AWS Support: it is in other hands.",
            DENY_LEAVING,
        ),
        steps_tried=(ASK, END_SESSION, DENY_LEAVING),
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_CLOSED,
        shown_by=EventMatch(None, ("CloseAccount",)),
        done=AlertText(
            Severity.CRITICAL,
            "root closed the account",
            "the root user closed the account: it ends for good after 90 days",
        ),
        tried=AlertText(
            Severity.HIGH,
            "root tried to close the account",
            "the root user tried to close the account, and {ending}",
        ),
        steps=(
            ASK,
            "If they did not: ask AWS Support to reopen it; that is possible for 90 days.",
        ),
        steps_tried=(ASK, END_SESSION),
    ),
    ActivityRow(
        activity=Activity.CONTACT_CHANGED,
        shown_by=EventMatch(
            None,
            (
                "DeleteAlternateContact",
                "PutAlternateContact",
                "PutContactInformation",
                "SetAdditionalContacts",
                "SetAlternateContact",
                "SetContactAddress",
            ),
        ),
        done=AlertText(
            Severity.HIGH,
            "root changed the account's contact",
            "the root user changed the account's contact: AWS may write to or call somebody else now",
        ),
        steps=(ASK, _AWS_SUPPORT, END_SESSION),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.PAYMENT_CHANGED,
        shown_by=EventMatch(condition=Condition.ABOUT_PAYMENT),
        done=AlertText(
            Severity.HIGH, "root changed how the account pays", "the root user changed how the account pays"
        ),
        steps=(ASK, _AWS_SUPPORT, END_SESSION),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.CONSOLE_ACTION,
        shown_by=EventMatch(condition=Condition.CONSOLE_ACTION),
        done=AlertText(
            Severity.HIGH,
            "root used an account or billing page",
            "the root user changed something on an account or billing page",
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.API_CALL,
        shown_by=EventMatch(),
        done=AlertText(Severity.HIGH, "root called an API", "the root user changed something"),
        tried=AlertText(
            Severity.MEDIUM, "root tried to call an API", "the root user tried something, and {ending}"
        ),
        names_event=True,
    ),
)
