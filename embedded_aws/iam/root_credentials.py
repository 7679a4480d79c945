"""The long-term root credentials of an account, and IAM's operations on them in a root session."""

import uuid
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.organizations.organization import RootCredentials

Answer = dict[str, Any]


@dataclass(kw_only=True)
class AccessKey:
    """A long-term access key of a root user."""

    id: str
    created: datetime
    status: str = "Active"
    last_used: datetime | None = None
    last_used_region: str = "N/A"
    last_used_service: str = "N/A"


@dataclass(kw_only=True)
class SigningCertificate:
    """An X.509 certificate of a root user."""

    id: str
    created: datetime
    status: str = "Active"


@dataclass(kw_only=True)
class MfaDevice:
    """An MFA device of a root user; the serial number says its type."""

    serial_number: str
    enabled: datetime


@dataclass(kw_only=True)
class RootUser:
    """The root user of one account and whatever credentials it has now."""

    account: str
    created: datetime
    password_created: datetime | None = None
    password_last_used: datetime | None = None
    access_keys: list[AccessKey] = field(default_factory=list)
    signing_certificates: list[SigningCertificate] = field(default_factory=list)
    mfa_devices: list[MfaDevice] = field(default_factory=list)
    every_access_key_id: set[str] = field(default_factory=set)

    @property
    def arn(self) -> str:
        """The root user's ARN."""
        return f"arn:aws:iam::{self.account}:root"

    @property
    def posture(self) -> dict[str, bool]:
        """Which of the four kinds exist."""
        return {
            "password": self.password_created is not None,
            "accessKeys": bool(self.access_keys),
            "signingCertificates": bool(self.signing_certificates),
            "mfaDevices": bool(self.mfa_devices),
        }

    def give(self, credentials: RootCredentials, now: datetime) -> None:
        """Add credentials; their ids follow from the account and their number, run after run."""
        if credentials.password:
            self.password_created = now
        self.access_keys += [
            AccessKey(id=f"AKIA{self._unique('key', n)[:16]}", created=now)
            for n in _next(self.access_keys, credentials.access_keys)
        ]
        self.every_access_key_id.update(key.id for key in self.access_keys)
        self.signing_certificates += [
            SigningCertificate(id=self._unique("certificate", n)[:32], created=now)
            for n in _next(self.signing_certificates, credentials.signing_certificates)
        ]
        self.mfa_devices += [
            MfaDevice(serial_number=self._serial_number(n), enabled=now)
            for n in _next(self.mfa_devices, credentials.mfa_devices)
        ]

    def note_use(self, call: Call) -> None:
        """Remember when, where and for what an access key was last used."""
        for key in self.access_keys:
            if key.id == call.principal.access_key_id:
                key.last_used = call.time
                key.last_used_region, key.last_used_service = call.region, call.service

    def _unique(self, kind: str, number: int) -> str:
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{self.account}/{kind}/{number}").hex.upper()

    def _serial_number(self, number: int) -> str:
        """Return the serial number of a virtual, a FIDO or a hardware device, in turn."""
        iam = f"arn:aws:iam::{self.account}"
        return (
            f"{iam}:mfa/root-account-mfa-device-{number}",
            f"{iam}:u2f/root/key-{self._unique('fido', number)[:26]}",
            f"GAHT{self._unique('token', number)[:8]}",
        )[number % 3]


def _next(existing: Sized, count: int) -> range:
    return range(len(existing), len(existing) + count)


def answer(call: Call, user: RootUser) -> Answer | None:
    """Answer an IAM call of the root user about itself; None when the call is not one."""
    operation = _OPERATIONS.get(call.operation)
    if operation is None or "UserName" in call.parameters:
        return None
    return operation(user, call.parameters, call.time)


def _get_account_summary(user: RootUser, _: Mapping[str, Any], __: datetime) -> Answer:
    posture = user.posture
    flags = {
        "AccountPasswordPresent": posture["password"],
        "AccountAccessKeysPresent": posture["accessKeys"],
        "AccountSigningCertificatesPresent": posture["signingCertificates"],
        "AccountMFAEnabled": posture["mfaDevices"],
    }
    quotas = {"AccessKeysPerUserQuota": 2, "SigningCertificatesPerUserQuota": 2}
    return {"SummaryMap": {**{name: int(flag) for name, flag in flags.items()}, **quotas}}


def _get_user(user: RootUser, _: Mapping[str, Any], __: datetime) -> Answer:
    used = {"PasswordLastUsed": user.password_last_used} if user.password_last_used else {}
    return {"User": {"UserId": user.account, "Arn": user.arn, "CreateDate": user.created, **used}}


def _get_login_profile(user: RootUser, _: Mapping[str, Any], __: datetime) -> Answer:
    if user.password_created is None:
        raise _no_such_entity("Login Profile for User null cannot be found.")
    return {"LoginProfile": {"CreateDate": user.password_created, "PasswordResetRequired": False}}


def _create_login_profile(user: RootUser, parameters: Mapping[str, Any], now: datetime) -> Answer:
    if user.password_created is not None:
        message = f"Login Profile for account {user.account} already exists."
        raise CallRefusedError("EntityAlreadyExists", message, 409)
    user.password_created = now
    return _get_login_profile(user, parameters, now)


def _delete_login_profile(user: RootUser, parameters: Mapping[str, Any], now: datetime) -> Answer:
    _get_login_profile(user, parameters, now)
    user.password_created = user.password_last_used = None
    return {}


def _list_access_keys(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    keys = [
        {"AccessKeyId": key.id, "Status": key.status, "CreateDate": key.created} for key in user.access_keys
    ]
    return _page("AccessKeyMetadata", keys, parameters)


def _get_access_key_last_used(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    key = _find(user.access_keys, parameters["AccessKeyId"], "Access Key", by="id")
    used = {"Region": key.last_used_region, "ServiceName": key.last_used_service}
    return {"AccessKeyLastUsed": {**used, "LastUsedDate": key.last_used}}


def _delete_access_key(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    key = _find(user.access_keys, parameters["AccessKeyId"], "Access Key", by="id")
    user.access_keys.remove(key)
    return {}


def _list_certificates(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    certificates = [
        {
            "CertificateId": certificate.id,
            "CertificateBody": "-----BEGIN CERTIFICATE-----",
            "Status": certificate.status,
            "UploadDate": certificate.created,
        }
        for certificate in user.signing_certificates
    ]
    return _page("Certificates", certificates, parameters)


def _delete_certificate(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    wanted = parameters["CertificateId"]
    certificate = _find(user.signing_certificates, wanted, "Certificate", by="id")
    user.signing_certificates.remove(certificate)
    return {}


def _list_mfa_devices(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    devices = [
        {"SerialNumber": device.serial_number, "EnableDate": device.enabled} for device in user.mfa_devices
    ]
    return _page("MFADevices", devices, parameters)


def _deactivate_mfa_device(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    wanted = parameters["SerialNumber"]
    user.mfa_devices.remove(_find(user.mfa_devices, wanted, "MFA Device", by="serial_number"))
    return {}


_OPERATIONS: Mapping[str, Callable[[RootUser, Mapping[str, Any], datetime], Answer]] = {
    "CreateLoginProfile": _create_login_profile,
    "DeactivateMFADevice": _deactivate_mfa_device,
    "DeleteAccessKey": _delete_access_key,
    "DeleteLoginProfile": _delete_login_profile,
    "DeleteSigningCertificate": _delete_certificate,
    "GetAccessKeyLastUsed": _get_access_key_last_used,
    "GetAccountSummary": _get_account_summary,
    "GetLoginProfile": _get_login_profile,
    "GetUser": _get_user,
    "ListAccessKeys": _list_access_keys,
    "ListMFADevices": _list_mfa_devices,
    "ListSigningCertificates": _list_certificates,
}


def _page(name: str, items: list[Answer], parameters: Mapping[str, Any]) -> Answer:
    start = int(parameters.get("Marker", 0))
    end = start + int(parameters.get("MaxItems", 100))
    more = {"IsTruncated": True, "Marker": str(end)} if end < len(items) else {"IsTruncated": False}
    return {name: items[start:end], **more}


def _find(items: list[Any], wanted: str, kind: str, *, by: str) -> Any:
    for item in items:
        if getattr(item, by) == wanted:
            return item
    raise _no_such_entity(f"The {kind} with id {wanted} cannot be found.")


def _no_such_entity(message: str) -> CallRefusedError:
    return CallRefusedError("NoSuchEntity", message, 404)
