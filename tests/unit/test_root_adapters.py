"""Root sessions and the credentials seen through them: what is asked of AWS, and what its answers mean."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from rootwarden.aws.clients import RootSessionKeys
from rootwarden.aws.root_sessions import (
    AnnouncingRegister,
    AwsRootSessions,
    IamAuditSession,
    IamDeleteSession,
)
from rootwarden.aws.state_table import StateTable
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from tests.unit.fakes import FakeBus
from tests.unit.given import MEMBER
from tests.unit.log_lines import LogLines

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

KEY = Credential(CredentialKind.ACCESS_KEY, "AKIAIOSFODNN7EXAMPLE")
CERTIFICATE = Credential(CredentialKind.SIGNING_CERTIFICATE, "TA7SMP42TDN5Z26OBPJE7EXAMPLE")
DEVICE = Credential(CredentialKind.MFA_DEVICE, f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device")
CLEAN = {
    "AccountPasswordPresent": 0,
    "AccountAccessKeysPresent": 0,
    "AccountSigningCertificatesPresent": 0,
    "AccountMFAEnabled": 0,
}
CREDENTIALS = {
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "SecretAccessKey": "verysecret",
    "SessionToken": "verysecrettoo",
    "Expiration": datetime(2026, 6, 1, 12, 2, tzinfo=UTC),
}


@pytest.fixture(scope="module")
def iam() -> "IAMClient":
    return boto3.client("iam")


@pytest.fixture
def stub(iam: "IAMClient") -> Iterator[Stubber]:
    with Stubber(iam) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def session(iam: "IAMClient") -> IamDeleteSession:
    return IamDeleteSession(iam, MEMBER)


@pytest.mark.parametrize(
    ("flags", "present"),
    [
        ({}, set()),
        ({"AccountPasswordPresent": 1}, {CredentialKind.PASSWORD}),
        ({"AccountAccessKeysPresent": 1}, {CredentialKind.ACCESS_KEY}),
        ({"AccountSigningCertificatesPresent": 1}, {CredentialKind.SIGNING_CERTIFICATE}),
        ({"AccountMFAEnabled": 1}, {CredentialKind.MFA_DEVICE}),
        (dict.fromkeys(CLEAN, 1), set(CredentialKind)),
    ],
)
def test_the_summary_tells_the_posture(
    iam: "IAMClient", stub: Stubber, flags: dict[str, int], present: set[CredentialKind]
) -> None:
    stub.add_response("get_account_summary", {"SummaryMap": CLEAN | {"Users": 3} | flags}, {})

    assert IamAuditSession(iam).posture() == Posture.of(frozenset(present))


@pytest.mark.parametrize("flag", CLEAN)
def test_a_missing_flag_proves_no_absence(iam: "IAMClient", stub: Stubber, flag: str) -> None:
    summary = {name: value for name, value in CLEAN.items() if name != flag}
    stub.add_response("get_account_summary", {"SummaryMap": summary}, {})

    with pytest.raises(CallRefused, match=f"IncompleteSummary: GetAccountSummary lacks {flag}"):
        IamAuditSession(iam).posture()


def test_everything_of_a_kind_is_listed_page_by_page(session: IamDeleteSession, stub: Stubber) -> None:
    # UserName is missing, as inside a root session, though the API model requires it elsewhere.
    keys: list[dict[str, object]] = [
        {"AccessKeyId": KEY.identifier, "Status": "Active"},
        {"AccessKeyId": "AKIA2" * 4},
    ]
    first = {"AccessKeyMetadata": keys[:1], "IsTruncated": True, "Marker": "next"}
    stub.add_response("list_access_keys", first, {})
    stub.add_response("list_access_keys", {"AccessKeyMetadata": keys[1:]}, {"Marker": "next"})

    assert session.identifiers(CredentialKind.ACCESS_KEY) == (KEY.identifier, "AKIA2" * 4)


def test_certificates_and_devices_are_listed(session: IamDeleteSession, stub: Stubber) -> None:
    certificate = {
        "CertificateId": CERTIFICATE.identifier,
        "CertificateBody": "-",
        "Status": "Active",
        "UserName": "root",
    }
    device = {
        "SerialNumber": DEVICE.identifier,
        "UserName": "root",
        "EnableDate": datetime(2026, 1, 1, tzinfo=UTC),
    }
    stub.add_response("list_signing_certificates", {"Certificates": [certificate]}, {})
    stub.add_response("list_mfa_devices", {"MFADevices": [device]}, {})

    assert session.identifiers(CredentialKind.SIGNING_CERTIFICATE) == (CERTIFICATE.identifier,)
    assert session.identifiers(CredentialKind.MFA_DEVICE) == (DEVICE.identifier,)


@pytest.mark.parametrize(
    ("credential", "operation", "sent"),
    [
        (PASSWORD, "delete_login_profile", {}),
        (KEY, "delete_access_key", {"AccessKeyId": KEY.identifier}),
        (CERTIFICATE, "delete_signing_certificate", {"CertificateId": CERTIFICATE.identifier}),
        (DEVICE, "deactivate_mfa_device", {"SerialNumber": DEVICE.identifier}),
    ],
)
def test_a_credential_is_deleted_or_gone_already_or_refused_in_awss_words(
    session: IamDeleteSession, stub: Stubber, credential: Credential, operation: str, sent: dict[str, str]
) -> None:
    stub.add_response(operation, {}, sent)
    stub.add_client_error(operation, "NoSuchEntity", "cannot be found", 404, expected_params=sent)
    stub.add_client_error(operation, "AccessDenied", "explicit deny", 403, expected_params=sent)

    session.delete(credential)
    session.delete(credential)
    with pytest.raises(CallRefused) as refused:
        session.delete(credential)

    assert (refused.value.code, refused.value.message) == ("AccessDenied", "explicit deny")
    stub.assert_no_pending_responses()


def test_the_last_use_of_a_key_is_in_utc_or_none(session: IamDeleteSession, stub: Stubber) -> None:
    used = datetime(2026, 5, 1, tzinfo=UTC)
    last_used = {"LastUsedDate": used, "ServiceName": "s3", "Region": "us-east-1"}
    never = {"ServiceName": "N/A", "Region": "N/A"}
    for answer in (last_used, never):
        sent = {"AccessKeyId": KEY.identifier}
        stub.add_response("get_access_key_last_used", {"UserName": "root", "AccessKeyLastUsed": answer}, sent)

    assert session.last_used(KEY) == used
    assert session.last_used(KEY) is None


def test_the_last_use_of_the_password_is_in_utc_or_none(session: IamDeleteSession, stub: Stubber) -> None:
    used = datetime(2026, 5, 1, tzinfo=UTC)
    arn = "arn:aws:iam::444455556666:root"
    user = {"Path": "/", "UserName": "root", "UserId": "AIDA000000000000", "Arn": arn}
    for answer in ({"PasswordLastUsed": used}, {}):
        stub.add_response("get_user", {"User": {**user, "CreateDate": used, **answer}}, {})

    assert session.last_used(PASSWORD) == used
    assert session.last_used(PASSWORD) is None


@pytest.mark.parametrize("task", ["audit", "delete"])
def test_a_session_is_short_for_one_task_and_on_record(table: StateTable, log: LogLines, task: str) -> None:
    sts = boto3.client("sts")
    given: list[RootSessionKeys] = []
    register = AnnouncingRegister(table, FakeBus())
    sessions = AwsRootSessions(sts, given.append, register)  # type: ignore[arg-type]  # no client is needed
    policy = {"audit": "IAMAuditRootUserCredentials", "delete": "IAMDeleteRootUserCredentials"}[task]
    sent = {
        "TargetPrincipal": MEMBER,
        "TaskPolicyArn": {"arn": f"arn:aws:iam::aws:policy/root-task/{policy}"},
        "DurationSeconds": 120,
    }
    with Stubber(sts) as stub:
        stub.add_response("assume_root", {"Credentials": CREDENTIALS}, sent)
        getattr(sessions, task)(MEMBER)

    assert register.opener("ASIAIOSFODNN7EXAMPLE") == "rootwarden"
    assert given == [RootSessionKeys("ASIAIOSFODNN7EXAMPLE", "verysecret", "verysecrettoo")]
    assert not any("verysecret" in str(record.__dict__) for record in log.records)


def test_a_refused_session_keeps_awss_words(table: StateTable) -> None:
    sts, message = boto3.client("sts"), "Root credentials management feature is not enabled"
    sessions = AwsRootSessions(
        sts, lambda *_: pytest.fail("no session"), AnnouncingRegister(table, FakeBus())
    )

    with Stubber(sts) as stub:
        stub.add_client_error("assume_root", "AccessDenied", message, 403)
        with pytest.raises(CallRefused, match=f"AccessDenied: {message}"):
            sessions.audit(MEMBER)


def test_a_network_failure_is_a_refusal_too(
    session: IamDeleteSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_out(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://iam.amazonaws.com")

    monkeypatch.setattr(session.iam, "delete_login_profile", time_out)

    with pytest.raises(CallRefused, match=r"^ConnectTimeoutError: "):
        session.delete(PASSWORD)
