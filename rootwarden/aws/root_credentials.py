"""IAM in a root session: the root user's credentials, read and deleted, its password made recoverable."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rootwarden.accounts import AccountId
from rootwarden.aws.errors import error_code, refusals
from rootwarden.aws.observability import logger
from rootwarden.hardening.removal import CallRefused
from rootwarden.recovery.outcome import PasswordRecovery
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.literals import SummaryKeyTypeType


# The entries of an account summary that tell of root credentials.
SUMMARY: dict["SummaryKeyTypeType", CredentialKind] = {
    "AccountPasswordPresent": CredentialKind.PASSWORD,
    "AccountAccessKeysPresent": CredentialKind.ACCESS_KEY,
    "AccountSigningCertificatesPresent": CredentialKind.SIGNING_CERTIFICATE,
    "AccountMFAEnabled": CredentialKind.MFA_DEVICE,
}


@dataclass(frozen=True)
class _IamListing:
    """What any root session about credentials may list. Every method raises CallRefused."""

    iam: "IAMClient"

    def identifiers(self, kind: CredentialKind) -> tuple[str, ...]:
        """List the access keys, signing certificates or MFA devices that exist."""
        with refusals():
            match kind:
                case CredentialKind.ACCESS_KEY:
                    keys = self.iam.get_paginator("list_access_keys").paginate()
                    return tuple(k["AccessKeyId"] for page in keys for k in page["AccessKeyMetadata"])
                case CredentialKind.SIGNING_CERTIFICATE:
                    certificates = self.iam.get_paginator("list_signing_certificates").paginate()
                    return tuple(c["CertificateId"] for page in certificates for c in page["Certificates"])
                case CredentialKind.MFA_DEVICE:
                    devices = self.iam.get_paginator("list_mfa_devices").paginate()
                    return tuple(d["SerialNumber"] for page in devices for d in page["MFADevices"])
                case CredentialKind.PASSWORD:
                    return (PASSWORD.identifier,)

    def last_used(self, access_key_id: str) -> datetime | None:
        """Say when an access key was last used; None when never."""
        with refusals():
            answer = self.iam.get_access_key_last_used(AccessKeyId=access_key_id)
        used = answer.get("AccessKeyLastUsed", {}).get("LastUsedDate")
        return used.astimezone(UTC) if used else None


@dataclass(frozen=True)
class IamAuditSession(_IamListing):
    """A root session that may only look."""

    def posture(self) -> Posture:
        """Say which kinds of root credentials exist; raises CallRefused."""
        with refusals():
            summary = self.iam.get_account_summary()["SummaryMap"]
        missing = [flag for flag in SUMMARY if flag not in summary]
        if missing:
            # A missing flag is no proof of absence.
            raise CallRefused("IncompleteSummary", f"GetAccountSummary lacks {', '.join(missing)}")
        return Posture.of(frozenset(kind for flag, kind in SUMMARY.items() if summary[flag]))


@dataclass(frozen=True)
class IamDeleteSession(_IamListing):
    """A root session that may list and delete root credentials. Every method raises CallRefused."""

    account_id: AccountId

    def delete(self, credential: Credential) -> None:
        """Delete one credential; one that is already gone counts as deleted."""
        said = "root credential removed"
        with refusals():
            try:
                self._delete(credential)
            except ClientError as error:
                if error_code(error) != "NoSuchEntity":
                    raise
                said = "root credential was gone already"
        logger.info(
            said,
            account_id=self.account_id,
            kind=credential.kind,
            identifier=credential.identifier,
        )

    def _delete(self, credential: Credential) -> None:
        match credential.kind:
            case CredentialKind.PASSWORD:
                self.iam.delete_login_profile()
            case CredentialKind.ACCESS_KEY:
                self.iam.delete_access_key(AccessKeyId=credential.identifier)
            case CredentialKind.SIGNING_CERTIFICATE:
                self.iam.delete_signing_certificate(CertificateId=credential.identifier)
            case CredentialKind.MFA_DEVICE:
                self.iam.deactivate_mfa_device(SerialNumber=credential.identifier)


@dataclass(frozen=True)
class IamPasswordSession:
    """A root session that may allow password recovery."""

    iam: "IAMClient"
    account_id: AccountId

    def allow_recovery(self) -> PasswordRecovery:
        """Allow it, and say whether it was allowed before; raises CallRefused."""
        recovery = PasswordRecovery.CREATED
        with refusals():
            try:
                self.iam.create_login_profile()
            except ClientError as error:
                if error_code(error) != "EntityAlreadyExists":
                    raise
                recovery = PasswordRecovery.EXISTED
        logger.info("password recovery allowed", account_id=self.account_id, password=recovery)
        return recovery
