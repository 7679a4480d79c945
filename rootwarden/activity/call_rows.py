"""What root does once it is in, row by row. The first row that fits counts; the last one fits every call."""

from rootwarden.activity.activity_rows import (
    ASK,
    END_SESSION,
    ActivityRow,
    Wording,
    about_payment,
    calls,
    console_action,
    events,
    of_iam_user,
    of_root_itself,
)
from rootwarden.activity.root_activity import Activity, Severity

_IAM = "iam.amazonaws.com"
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_REMOVAL = ("DeleteAccessKey", "DeleteLoginProfile", "DeleteSigningCertificate")
_USER_STEPS = (
    ASK,
    "If they did not: deactivate what was made, and read in CloudTrail what it was used for.",
    END_SESSION,
)
_AWS_SUPPORT = "If they did not: write to AWS Support at once, from the management account."

CALL_ROWS: tuple[ActivityRow, ...] = (
    ActivityRow(
        activity=Activity.CREDENTIAL_CREATED,
        shown_by=of_root_itself(
            calls(
                _IAM,
                "CreateAccessKey",
                "CreateLoginProfile",
                "CreateVirtualMFADevice",
                "EnableMFADevice",
                "UpdateLoginProfile",
                "UploadSigningCertificate",
            )
        ),
        done=Wording(
            severity=Severity.CRITICAL,
            headline="root credential created",
            reason="a new root credential outlives the session that made it",
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.USER_CREDENTIAL_CREATED,
        shown_by=of_iam_user(
            calls(
                _IAM,
                "CreateAccessKey",
                "CreateLoginProfile",
                "CreateServiceSpecificCredential",
                "EnableMFADevice",
                "ResetServiceSpecificCredential",
                "UpdateLoginProfile",
                "UploadSSHPublicKey",
                "UploadSigningCertificate",
            )
        ),
        done=Wording(
            severity=Severity.HIGH,
            headline="root made a credential of an IAM user",
            reason="root made a credential of {user}; it is no root credential",
        ),
        steps=_USER_STEPS,
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.MFA_REMOVED,
        shown_by=of_root_itself(calls(_IAM, "DeactivateMFADevice")),
        done=Wording(
            severity=Severity.CRITICAL,
            headline="root MFA device taken away",
            reason="root's MFA device was taken away: the password alone may open the account now",
        ),
        tried=Wording(
            severity=Severity.HIGH,
            headline="root MFA device removal tried, and refused",
            reason="somebody tried to take away root's MFA device, and {ending}",
        ),
    ),
    ActivityRow(
        activity=Activity.CREDENTIAL_REMOVED,
        shown_by=of_root_itself(calls(_IAM, *_REMOVAL)),
        done=Wording(
            severity=Severity.HIGH,
            headline="root removed a root credential",
            reason="the root user removed a credential of its own: that tidies up, or hides a trace",
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.USER_CREDENTIAL_REMOVED,
        shown_by=of_iam_user(calls(_IAM, "DeactivateMFADevice", *_REMOVAL)),
        done=Wording(
            severity=Severity.HIGH,
            headline="root removed a credential of an IAM user",
            reason="root removed a credential of {user}",
        ),
        steps=(ASK, "If they did not: that person may be locked out, and the account be in other hands."),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.TRAIL_CHANGED,
        shown_by=calls(
            _CLOUDTRAIL,
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
        done=Wording(
            severity=Severity.CRITICAL,
            headline="root touched a trail",
            reason="the root user changed what CloudTrail records: from now on acts may go unseen",
        ),
        tried=Wording(
            severity=Severity.CRITICAL,
            headline="root tried to change a trail",
            reason="an attempt on the trail as root, to have CloudTrail record less, and {ending}",
        ),
        steps=(
            ASK,
            "Look at the account's trails: are they logging, with all management events and all Regions?",
            END_SESSION,
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.LEFT_ORGANIZATION,
        shown_by=calls("organizations.amazonaws.com", "LeaveOrganization"),
        done=Wording(
            severity=Severity.CRITICAL,
            headline="root took the account out of the organization",
            reason="the account left the organization, as root: no policy of yours binds it any more",
        ),
        tried=Wording(
            severity=Severity.HIGH,
            headline="root tried to leave the organization",
            reason="the root user tried to take the account out of the organization, and {ending}",
        ),
        steps=(
            ASK,
            "If they did not: invite the account back, and write to AWS Support: it is in other hands.",
            "Deny organizations:LeaveOrganization by a service control policy.",
        ),
    ),
    ActivityRow(
        activity=Activity.ACCOUNT_CLOSED,
        shown_by=lambda record: (
            record.event_name == "CloseAccount" and record.event_source != "organizations.amazonaws.com"
        ),
        done=Wording(
            severity=Severity.CRITICAL,
            headline="root closed the account",
            reason="the root user closed the account: it ends for good after 90 days",
        ),
        tried=Wording(
            severity=Severity.HIGH,
            headline="root tried to close the account",
            reason="the root user tried to close the account, and {ending}",
        ),
        steps=(
            ASK,
            "If they did not: ask AWS Support to reopen it; that is possible for 90 days.",
        ),
    ),
    ActivityRow(
        activity=Activity.CONTACT_CHANGED,
        shown_by=events(
            "DeleteAlternateContact",
            "PutAlternateContact",
            "PutContactInformation",
            "SetAdditionalContacts",
            "SetAlternateContact",
            "SetContactAddress",
        ),
        done=Wording(
            severity=Severity.HIGH,
            headline="root changed the account's contact",
            reason="the root user changed the account's contact: AWS may write to or call somebody else now",
        ),
        steps=(ASK, _AWS_SUPPORT, END_SESSION),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.PAYMENT_CHANGED,
        shown_by=about_payment,
        done=Wording(
            severity=Severity.HIGH,
            headline="root changed how the account pays",
            reason="the root user changed how the account pays",
        ),
        steps=(ASK, _AWS_SUPPORT, END_SESSION),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.CONSOLE_ACTION,
        shown_by=console_action,
        done=Wording(
            severity=Severity.HIGH,
            headline="root used an account or billing page",
            reason="the root user changed something on an account or billing page",
        ),
        names_event=True,
    ),
    ActivityRow(
        activity=Activity.API_CALL,
        shown_by=lambda _record: True,
        done=Wording(
            severity=Severity.HIGH,
            headline="root called an API",
            reason="the root user changed something",
        ),
        tried=Wording(
            severity=Severity.MEDIUM,
            headline="root tried to call an API",
            reason="the root user tried something, and {ending}",
        ),
        names_event=True,
    ),
)
