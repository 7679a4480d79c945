"""The long-term root credentials of an account, and IAM's operations on them in a root session."""

import uuid
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.organizations.organization import RootCredentials

Answer = dict[str, Any]


@dataclass(kw_only=True)
class Credential:
    """An X.509 certificate or an MFA device of a root user; a device's id is its serial number."""

    id: str
    created: datetime


@dataclass(kw_only=True)
class AccessKey(Credential):
    """A long-term access key of a root user."""

    last_used: datetime | None = None
    last_used_region: str = "N/A"
    last_used_service: str = "N/A"


@dataclass(kw_only=True)
class RootUser:
    """The root user of one account and whatever credentials it has now."""

    account: str
    created: datetime
    password_created: datetime | None = None
    password_last_used: datetime | None = None
    access_keys: list[AccessKey] = field(default_factory=list)
    signing_certificates: list[Credential] = field(default_factory=list)
    mfa_devices: list[Credential] = field(default_factory=list)
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
            Credential(id=self._unique("certificate", n)[:32], created=now)
            for n in _next(self.signing_certificates, credentials.signing_certificates)
        ]
        self.mfa_devices += [
            Credential(id=self._serial_number(n), created=now)
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


def _get_access_key_last_used(user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    key = _find(_KEYS, user, parameters)
    used = {"Region": key.last_used_region, "ServiceName": key.last_used_service}
    return {"AccessKeyLastUsed": {**used, "LastUsedDate": key.last_used}}


@dataclass(frozen=True)
class _Kind:
    """Credentials that are listed and deleted alike: what IAM calls them, each one's id and its day."""

    of: Callable[[RootUser], list[Any]]
    words: str
    listed: str
    id: str
    day: str
    always: Mapping[str, str] = field(default_factory=dict)


_ACTIVE = {"Status": "Active"}
_KEYS = _Kind(
    lambda user: user.access_keys, "Access Key", "AccessKeyMetadata", "AccessKeyId", "CreateDate", _ACTIVE
)
_CERTIFICATES = _Kind(
    lambda user: user.signing_certificates,
    *("Certificate", "Certificates", "CertificateId", "UploadDate"),
    {**_ACTIVE, "CertificateBody": "-----BEGIN CERTIFICATE-----"},
)
_DEVICES = _Kind(lambda user: user.mfa_devices, "MFA Device", "MFADevices", "SerialNumber", "EnableDate")


def _list(kind: _Kind, user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    shown = [{kind.id: each.id, kind.day: each.created, **kind.always} for each in kind.of(user)]
    start = int(parameters.get("Marker", 0))
    end = start + int(parameters.get("MaxItems", 100))
    more = {"IsTruncated": True, "Marker": str(end)} if end < len(shown) else {"IsTruncated": False}
    return {kind.listed: shown[start:end], **more}


def _delete(kind: _Kind, user: RootUser, parameters: Mapping[str, Any], _: datetime) -> Answer:
    kind.of(user).remove(_find(kind, user, parameters))
    return {}


def _find(kind: _Kind, user: RootUser, parameters: Mapping[str, Any]) -> Any:
    wanted = parameters[kind.id]
    for credential in kind.of(user):
        if credential.id == wanted:
            return credential
    raise _no_such_entity(f"The {kind.words} with id {wanted} cannot be found.")


def _no_such_entity(message: str) -> CallRefusedError:
    return CallRefusedError("NoSuchEntity", message, 404)


_OPERATIONS: Mapping[str, Callable[[RootUser, Mapping[str, Any], datetime], Answer]] = {
    "CreateLoginProfile": _create_login_profile,
    "DeactivateMFADevice": partial(_delete, _DEVICES),
    "DeleteAccessKey": partial(_delete, _KEYS),
    "DeleteLoginProfile": _delete_login_profile,
    "DeleteSigningCertificate": partial(_delete, _CERTIFICATES),
    "GetAccessKeyLastUsed": _get_access_key_last_used,
    "GetAccountSummary": _get_account_summary,
    "GetLoginProfile": _get_login_profile,
    "GetUser": _get_user,
    "ListAccessKeys": partial(_list, _KEYS),
    "ListMFADevices": partial(_list, _DEVICES),
    "ListSigningCertificates": partial(_list, _CERTIFICATES),
}
