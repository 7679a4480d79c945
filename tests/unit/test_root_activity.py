"""What every sample of root activity is taken for, and how bad it is."""

from typing import Any

import pytest

from rootwarden.activity.classification import ROWS, actor_kind, classify, mfa_used, text_of
from rootwarden.activity.judgement import assess
from rootwarden.activity.root_activity import ActorKind, Assessment
from rootwarden.activity.rows import ActivityRow
from rootwarden.contract.activities import Activity, Severity
from rootwarden.events import MalformedEvent
from tests.unit.given import HUB
from tests.unit.sample_events import record, sample

TABLE = [
    # sample, activity, actor, severity
    ("root_console_login_success_no_mfa", "sign_in_succeeded", "sign_in", "critical"),
    ("root_console_login_success_mfa", "sign_in_succeeded", "sign_in", "high"),
    ("root_console_login_failure", "sign_in_failed", "sign_in", "medium"),
    ("root_password_recovery_requested", "password_recovery_requested", "sign_in", "high"),
    ("root_password_recovery_completed", "password_recovery_completed", "sign_in", "critical"),
    ("root_password_updated", "password_changed", "sign_in", "critical"),
    ("root_check_mfa", "sign_in_step", "sign_in", "medium"),
    ("root_api_long_term_key", "api_call", "long_term_key", "critical"),
    ("root_api_long_term_key_read_only", "api_call", "long_term_key", "high"),
    ("root_api_console_session_enable_mfa", "credential_created", "console_session", "critical"),
    ("root_api_console_session_refused", "trail_changed", "console_session", "critical"),
    ("root_session_api_call", "credential_removed", "root_session", "high"),
    ("root_session_api_call_without_flag", "credential_removed", "temporary_session", "critical"),
    ("root_key_session_call", "api_call", "temporary_session", "critical"),
    ("root_session_create_login_profile", "credential_created", "root_session", "critical"),
    ("assume_root_call", "root_session_opened", "principal", "high"),
    ("assume_root_call_create_password", "root_session_opened", "principal", "critical"),
    ("assume_root_call_refused", "root_session_refused", "principal", "medium"),
    ("disable_root_credentials_management", "protection_weakened", "principal", "critical"),
    ("disable_root_sessions", "protection_weakened", "principal", "critical"),
    ("enable_root_sessions", "protection_changed", "principal", "low"),
    ("disable_trusted_access", "protection_weakened", "principal", "critical"),
    ("disable_trusted_access_refused", "protection_changed", "principal", "medium"),
    ("enable_trusted_access", "protection_changed", "principal", "low"),
    ("register_delegated_administrator_hub", "protection_changed", "principal", "low"),
    ("register_delegated_administrator_stranger", "protection_weakened", "principal", "critical"),
    ("deregister_delegated_administrator", "protection_weakened", "principal", "critical"),
    ("root_cli_login_authorized", "cli_session", "cli_login", "critical"),
    ("root_cli_login_refreshed", "cli_session", "cli_login", "critical"),
    ("root_password_update_failed", "password_changed", "sign_in", "high"),
    ("root_password_recovery_failed", "password_recovery_requested", "sign_in", "medium"),
    ("root_email_updated", "email_changed", "sign_in", "critical"),
    ("root_switch_role_failed", "role_switched", "sign_in", "medium"),
    ("root_sign_in_token", "sign_in_token_requested", "sign_in", "high"),
    ("root_console_login_denied_by_policy", "sign_in_denied", "sign_in", "medium"),
    ("root_contact_address_changed", "contact_changed", "console_session", "high"),
    ("root_payment_method_added", "payment_changed", "console_session", "high"),
    ("root_account_closed", "account_closed", "console_session", "critical"),
    ("root_iam_access_to_billing", "console_action", "console_session", "high"),
    ("root_creates_key_for_iam_user", "user_credential_created", "console_session", "high"),
    ("root_creates_own_key", "credential_created", "console_session", "critical"),
    ("root_creates_own_key_invoked_by_console", "credential_created", "console_session", "critical"),
    ("root_call_invoked_by_aws_internal", "credential_created", "console_session", "critical"),
    ("root_mfa_deactivated", "mfa_removed", "console_session", "critical"),
    ("root_deletes_own_key", "credential_removed", "console_session", "high"),
    ("root_deletes_password_of_iam_user", "user_credential_removed", "console_session", "high"),
    ("root_trail_stop_refused", "trail_changed", "console_session", "critical"),
    ("root_trail_stopped", "trail_changed", "console_session", "critical"),
    ("root_left_organization", "left_organization", "console_session", "critical"),
    ("root_key_in_another_region", "api_call", "long_term_key", "critical"),
    ("root_federated_session_call", "api_call", "federated_session", "critical"),
]

# What must be said, in the reason or in the circumstances.
SAID = {
    "root_cli_login_authorized": "for up to 12 hours",
    "root_password_update_failed": "somebody tried to set a root password, and it failed",
    "root_password_recovery_failed": "somebody tried to ask for a new root password, and it failed",
    "root_email_updated": "whoever reads the new mailbox can set a password",
    "root_switch_role_failed": "tried to switch to a role in the console, and it failed",
    "root_console_login_denied_by_policy": "and a resource control policy stopped it",
    "root_creates_key_for_iam_user": "a credential of IAM user build-agent; it is no root credential",
    "root_mfa_deactivated": "deactivated its MFA device",
    "root_deletes_password_of_iam_user": "root removed or deactivated a credential of IAM user build-agent",
    "root_trail_stop_refused": "the root user tried to make CloudTrail record less, and AWS"
    " refused it (NotOrganizationMasterAccountException)",
    "root_api_console_session_refused": "and a service control policy stopped it",
    "root_left_organization": "took the account out of the organization",
    "root_federated_session_call": "a root access key exists, and a session that it handed out is in use",
    "root_key_session_call": "shows no sign-in: a root access key may have handed it out",
    "root_session_create_login_profile": "in a root session that rootwarden did not open",
}


def judge(event: str | dict[str, Any]) -> tuple[Activity, ActorKind, Assessment]:
    found = record(event)
    activity = classify(found, HUB)
    kind = actor_kind(found, activity, opened_by_assume_root=False)
    return activity, kind, assess(found, activity, kind)


def by_root(name: str, **detail: object) -> dict[str, Any]:
    """A sample event, made with a root access key of the management account."""
    identity = {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accessKeyId": "AKIAROOT"}
    return sample(name, userIdentity=identity, **detail)


@pytest.mark.parametrize(("name", "activity", "actor", "severity"), TABLE, ids=[row[0] for row in TABLE])
def test_each_sample_is_judged(name: str, activity: str, actor: str, severity: str) -> None:
    found = judge(name)

    assert (found[0], found[1], found[2].severity) == (activity, actor, severity)
    assert found[2].reason


@pytest.mark.parametrize(("name", "said"), SAID.items(), ids=SAID)
def test_it_is_said_as_it_happened(name: str, said: str) -> None:
    assert said in judge(name)[2].in_full


@pytest.mark.parametrize(
    ("name", "detail", "said"),
    [
        ("root_email_updated", {"responseElements": {"EmailUpdated": "Failure"}}, "tried to change"),
        ("root_password_updated", {"errorCode": "AccessDenied"}, "tried to set"),
        (
            "root_password_recovery_completed",
            {"errorMessage": "link expired"},
            "with the recovery link tried",
        ),
        ("root_left_organization", {"errorCode": "AccessDeniedException"}, "tried to take the account out"),
        ("root_account_closed", {"errorCode": "AccessDenied"}, "tried to close the account"),
        ("root_mfa_deactivated", {"errorCode": "AccessDenied"}, "tried to deactivate"),
        ("root_cli_login_authorized", {"errorCode": "AccessDenied"}, "tried to get"),
        ("root_sign_in_token", {"responseElements": {"GetSigninToken": "Failure"}}, "tried to turn"),
        ("root_creates_own_key", {"errorCode": "LimitExceeded"}, "tried something"),
        ("root_creates_key_for_iam_user", {"errorCode": "NoSuchEntity"}, "tried something"),
        ("root_contact_address_changed", {"errorMessage": "not allowed"}, "tried something"),
        ("root_federated_session_call", {"errorCode": "NoSuchBucket"}, "AWS refused it (NoSuchBucket)"),
        ("root_api_long_term_key", {"errorCode": "AccessDenied"}, "AWS refused it (AccessDenied)"),
    ],
)
def test_a_try_is_said_as_a_try_and_is_no_worse_than_the_deed(
    name: str, detail: dict[str, object], said: str
) -> None:
    deed, attempt = judge(name)[2], judge(sample(name, **detail))[2]

    assert said in attempt.reason
    assert said not in deed.reason
    assert attempt.severity.rank <= deed.severity.rank


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.activity)
def test_every_row_of_the_table_says_something_of_its_own(row: ActivityRow) -> None:
    others = [text for other in ROWS if other is not row for text in (other.done, other.tried) if text]
    for text in filter(None, (row.done, row.tried)):
        assert text.reason not in {other.reason for other in others}
        assert len(text.headline) <= 60
    said = {text_of(row.activity, attempted=attempted) for attempted in (True, False)}
    assert said == set(filter(None, (row.done, row.tried)))
    assert row.steps


def test_the_table_has_one_row_for_every_activity() -> None:
    assert sorted(row.activity for row in ROWS) == sorted(Activity)


def test_a_user_name_that_iam_does_not_allow_is_not_repeated() -> None:
    event = sample("root_creates_key_for_iam_user", requestParameters={"userName": "<http://x> *click*"})

    assert (
        judge(event)[2].reason
        == "root made or activated a credential of an IAM user; it is no root credential"
    )


@pytest.mark.parametrize("call", ["UpdateAccessKey", "UpdateSigningCertificate"])
@pytest.mark.parametrize(
    ("user", "status", "activity", "severity"),
    [
        (None, "Active", "credential_created", "critical"),
        (None, "Inactive", "credential_removed", "high"),
        ("build-agent", "Active", "user_credential_created", "high"),
        ("build-agent", "Inactive", "user_credential_removed", "high"),
        (None, None, "api_call", "high"),
    ],
)
def test_who_activates_an_old_credential_has_one_as_by_making_it(
    call: str, user: str | None, status: str | None, activity: str, severity: str
) -> None:
    asked = {"userName": user, "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": status}

    found = judge(sample("root_creates_own_key", eventName=call, requestParameters=asked))

    assert (found[0], found[2].severity) == (activity, severity)


def test_an_mfa_device_that_was_made_is_nobodys_until_it_is_enabled() -> None:
    asked = {"virtualMFADeviceName": "root-account-mfa-device"}

    found = judge(sample("root_creates_own_key", eventName="CreateVirtualMFADevice", requestParameters=asked))

    assert (found[0], found[2].severity) == (Activity.API_CALL, Severity.HIGH)


@pytest.mark.parametrize("name", [None, "AWS ROOT USER", "root"])
def test_a_credential_without_an_iam_users_name_is_roots_own(name: str | None) -> None:
    event = sample("root_creates_key_for_iam_user", requestParameters={"userName": name})

    assert judge(event)[0] is Activity.CREDENTIAL_CREATED


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("root_console_login_success_mfa", "critical"),
        ("root_console_login_failure", "high"),
        ("root_password_recovery_requested", "critical"),
        ("root_email_updated", "critical"),
    ],
)
def test_root_of_the_management_account_is_one_step_more_severe(name: str, severity: str) -> None:
    found = record(name)
    activity = classify(found, HUB)

    judged = assess(found, activity, ActorKind.SIGN_IN, management_root=True)

    assert judged.severity == severity
    assert "the management account's root user" in judged.circumstances[0]
    assert "cannot remove" in judged.circumstances[0]


@pytest.mark.parametrize(
    "name",
    [
        "iam_user_console_login",
        "create_account_result_succeeded",
        "disable_trusted_access_other_service",
        "register_delegated_administrator_other_service",
    ],
)
def test_what_is_no_root_activity_is_refused(name: str) -> None:
    with pytest.raises(MalformedEvent, match=r"detail\.userIdentity\.type takes Root, found ") as refused:
        classify(record(name), HUB)
    assert repr(record(name).identity.kind) in str(refused.value)


@pytest.mark.parametrize("source", ["billing", "billingconsole", "payments"])
@pytest.mark.parametrize(
    ("name", "activity"),
    [
        ("UpdatePaymentMethod", "payment_changed"),
        ("Instruments_Delete", "payment_changed"),
        ("UpdateBillingAddress", "console_action"),
        ("GetPaymentMethod", "console_action"),
        ("ListPaymentMethods", "console_action"),
        ("DescribePaymentMethods", "console_action"),
    ],
)
def test_a_change_of_how_the_account_pays_is_told_from_a_look_at_it(
    source: str, name: str, activity: str
) -> None:
    event = sample("root_payment_method_added", eventSource=f"{source}.amazonaws.com", eventName=name)

    assert judge(event)[0] == activity


@pytest.mark.parametrize(
    ("spelled", "used"), [("Yes", True), ("YES", True), ("No", False), ("", None), (None, None), (1, None)]
)
def test_mfa_is_read_however_it_is_spelled(spelled: object, used: bool | None) -> None:  # noqa: FBT001 - a table
    event = sample("root_console_login_success_no_mfa", additionalEventData={"MFAUsed": spelled})

    assert mfa_used(record(event)) is used


def test_a_sign_in_that_does_not_speak_of_mfa_counts_as_one_without() -> None:
    event = sample("root_console_login_success_no_mfa", additionalEventData=None)

    assert judge(event)[2].severity is Severity.CRITICAL


def test_a_session_known_from_its_assume_root_call_needs_no_flag() -> None:
    found = record("root_session_api_call_without_flag")

    assert actor_kind(found, Activity.API_CALL, opened_by_assume_root=True) is ActorKind.ROOT_SESSION


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ({}, "temporary_session"),
        ({"eventVersion": None}, "temporary_session"),
        ({"eventVersion": "1.x"}, "temporary_session"),
        ({"eventVersion": "1.08"}, "temporary_session"),
        # Older records do not say what is from the console.
        ({"eventVersion": "1.07"}, "console_session"),
        ({"sessionCredentialFromConsole": "true"}, "console_session"),
        ({"eventType": "AwsConsoleAction"}, "console_session"),
        ({"userAgent": "console.amazonaws.com"}, "console_session"),
        # Of S3's page no record of later versions says more.
        (
            {"userAgent": "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 Linux/5.10]"},
            "console_session",
        ),
        ({"userAgent": "aws-cli/2.15 md/xaws-internal/3"}, "temporary_session"),
        # A service that acts for root: its session says nothing of root's.
        (
            {
                "userAgent": "cloudformation.amazonaws.com",
                "userIdentity": {"invokedBy": "cloudformation.amazonaws.com"},
            },
            "unknown",
        ),
        ({"userIdentity": {"invokedBy": "signin.amazonaws.com"}}, "console_session"),
        ({"userIdentity": {"invokedBy": "AWS Internal"}}, "console_session"),
        (
            {"userIdentity": {"sessionContext": {"signInSessionArn": "arn:aws:signin:x:y:session/z"}}},
            "console_session",
        ),
    ],
)
def test_a_session_is_of_a_sign_in_only_where_the_record_shows_it(detail: dict[str, Any], kind: str) -> None:
    event = sample("root_key_session_call")
    event["detail"] = event["detail"] | detail
    event["detail"]["userIdentity"] = sample("root_key_session_call")["detail"]["userIdentity"] | detail.get(
        "userIdentity", {}
    )

    assert judge(event)[1] == kind


def test_root_credentials_of_neither_kind_are_unknown() -> None:
    event = sample("root_session_api_call", userIdentity={"type": "Root", "accessKeyId": "ASIA1"})

    assert actor_kind(record(event), Activity.API_CALL, opened_by_assume_root=False) is ActorKind.UNKNOWN


@pytest.mark.parametrize("read_only", [True, "true"])
def test_looking_is_less_than_changing(read_only: object) -> None:
    looked = {"eventName": "GetTrail", "errorCode": None, "errorMessage": None}
    event = sample("root_api_console_session_refused", **looked, readOnly=read_only)

    assert judge(event)[2] == Assessment(Severity.MEDIUM, "the root user looked at something")


@pytest.mark.parametrize("name", ["enable_root_sessions", "disable_trusted_access_refused"])
def test_root_itself_touching_the_protection_is_no_less_than_any_call_of_root(name: str) -> None:
    activity, _, assessment = judge(by_root(name))

    assert activity is Activity.PROTECTION_CHANGED
    assert assessment.severity is Severity.CRITICAL
    assert "root access key" in assessment.reason


def test_root_touching_another_services_access_is_a_call_of_root() -> None:
    activity, _, _ = judge(by_root("disable_trusted_access_other_service"))

    assert activity is Activity.API_CALL


def test_a_refused_creation_creates_nothing() -> None:
    event = sample("root_api_console_session_enable_mfa", errorCode="AccessDenied")

    assert judge(event)[0] is Activity.API_CALL


def test_severities_are_in_order() -> None:
    ranks = [severity.rank for severity in Severity]

    assert ranks == sorted(ranks, reverse=True)
    assert Severity.CRITICAL.rank > Severity.INFO.rank


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        (ActorKind.ROOT_SESSION, "it was done in a root session that rootwarden did not open"),
        (ActorKind.LONG_TERM_KEY, "a root access key exists and is in use"),
        (
            ActorKind.FEDERATED_SESSION,
            "a root access key exists, and a session that it handed out is in use",
        ),
        (
            ActorKind.TEMPORARY_SESSION,
            "a session of root is in use that shows no sign-in: a root access key may have handed it out",
        ),
    ],
)
def test_what_the_watch_says_besides_is_said_whatever_root_called_with(actor: ActorKind, said: str) -> None:
    found = Assessment(Severity.CRITICAL, "it was changed", ("ask first",))

    judged = assess(record("root_session_api_call"), Activity.WATCH_CHANGED, actor, found=found)

    assert judged == Assessment(Severity.CRITICAL, "it was changed", ("ask first", said))
