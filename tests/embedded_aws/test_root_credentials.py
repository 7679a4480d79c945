from typing import Any

import pytest

from embedded_aws.calls import CallRefusedError, Principal
from embedded_aws.iam.root_credentials import RootUser, answer
from embedded_aws.organizations.organization import RootCredentials
from tests.embedded_aws.calling import call
from tests.embedded_aws.templates import MEMBER
from tests.stage import START

NOTHING = {"password": False, "accessKeys": False, "signingCertificates": False, "mfaDevices": False}


@pytest.fixture
def user() -> RootUser:
    user = RootUser(account=MEMBER, created=START)
    credentials = RootCredentials(password=True, access_keys=2, signing_certificates=2, mfa_devices=3)
    user.give(credentials, START)
    return user


def _ask(user: RootUser, operation: str, **parameters: Any) -> Any:
    root = Principal(kind="root_session", account=MEMBER, arn=user.arn)
    return answer(call("iam", operation, root, parameters=parameters), user)


def test_deleting_everything_leaves_nothing(user: RootUser) -> None:
    _ask(user, "DeleteLoginProfile")
    for key in _ask(user, "ListAccessKeys")["AccessKeyMetadata"]:
        _ask(user, "DeleteAccessKey", AccessKeyId=key["AccessKeyId"])
    for certificate in _ask(user, "ListSigningCertificates")["Certificates"]:
        _ask(user, "DeleteSigningCertificate", CertificateId=certificate["CertificateId"])
    for device in _ask(user, "ListMFADevices")["MFADevices"]:
        _ask(user, "DeactivateMFADevice", SerialNumber=device["SerialNumber"])
    assert user.posture == NOTHING


def test_devices_are_of_several_types(user: RootUser) -> None:
    devices = _ask(user, "ListMFADevices")["MFADevices"]
    virtual, fido, hardware = [device["SerialNumber"] for device in devices]
    assert virtual.startswith(f"arn:aws:iam::{MEMBER}:mfa/")
    assert fido.startswith(f"arn:aws:iam::{MEMBER}:u2f/")
    assert not hardware.startswith("arn:")


def test_lists_come_in_pages(user: RootUser) -> None:
    first = _ask(user, "ListMFADevices", MaxItems=2)
    rest = _ask(user, "ListMFADevices", MaxItems=2, Marker=first["Marker"])
    assert [len(page["MFADevices"]) for page in (first, rest)] == [2, 1]
    assert (first["IsTruncated"], rest["IsTruncated"]) == (True, False)


def test_a_key_tells_when_it_was_used(user: RootUser) -> None:
    key = user.access_keys[0]
    unused = _ask(user, "GetAccessKeyLastUsed", AccessKeyId=key.id)["AccessKeyLastUsed"]
    assert (unused["LastUsedDate"], unused["ServiceName"]) == (None, "N/A")
    key.last_used, key.last_used_region, key.last_used_service = START, "us-east-1", "iam"
    used = _ask(user, "GetAccessKeyLastUsed", AccessKeyId=key.id)["AccessKeyLastUsed"]
    assert used == {"LastUsedDate": START, "Region": "us-east-1", "ServiceName": "iam"}


def test_the_user_tells_when_its_password_was_used(user: RootUser) -> None:
    assert "PasswordLastUsed" not in _ask(user, "GetUser")["User"]
    user.password_last_used = START
    assert _ask(user, "GetUser")["User"]["PasswordLastUsed"] == START
    _ask(user, "DeleteLoginProfile")
    assert "PasswordLastUsed" not in _ask(user, "GetUser")["User"]


def test_ids_stay_the_same_from_run_to_run_and_never_repeat(user: RootUser) -> None:
    again = RootUser(account=MEMBER, created=START)
    again.give(RootCredentials(access_keys=1), START)
    again.give(RootCredentials(access_keys=1), START)
    assert again.access_keys == user.access_keys


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("DeleteAccessKey", {"AccessKeyId": "AKIANOSUCHKEY"}),
        ("DeleteSigningCertificate", {"CertificateId": "none"}),
        ("DeactivateMFADevice", {"SerialNumber": "none"}),
        ("GetAccessKeyLastUsed", {"AccessKeyId": "AKIANOSUCHKEY"}),
    ],
)
def test_what_is_not_there_is_no_such_entity(
    user: RootUser, operation: str, parameters: dict[str, str]
) -> None:
    with pytest.raises(CallRefusedError) as refused:
        _ask(user, operation, **parameters)
    assert (refused.value.code, refused.value.http) == ("NoSuchEntity", 404)


def test_calls_about_a_user_are_not_its_own(user: RootUser) -> None:
    assert _ask(user, "ListAccessKeys", UserName="bob") is None
    assert _ask(user, "ListRoles") is None
