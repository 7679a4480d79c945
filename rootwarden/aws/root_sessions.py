"""Root sessions: opened for one task, each on record before its first call, and what IAM lets them do."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from rootwarden.aws.clients import RootSessionKeys, error_code, logger, refusals
from rootwarden.aws.state_table import KeyKind, NotWritten, StateTable
from rootwarden.contract.functions import AUDIT, DELETE, RECOVER, task_policy_arn
from rootwarden.contract.names import OURS
from rootwarden.events import AccountId
from rootwarden.outcomes import Outcome, SessionsNotRecorded, UnrecordedSession
from rootwarden.recovery.outcome import PasswordRecovery
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.literals import SummaryKeyTypeType
    from mypy_boto3_sts import STSClient

SESSION_SECONDS = 120
# The entries of an account summary about root credentials.
SUMMARY: dict["SummaryKeyTypeType", CredentialKind] = {
    "AccountPasswordPresent": CredentialKind.PASSWORD,
    "AccountAccessKeysPresent": CredentialKind.ACCESS_KEY,
    "AccountSigningCertificatesPresent": CredentialKind.SIGNING_CERTIFICATE,
    "AccountMFAEnabled": CredentialKind.MFA_DEVICE,
}


class SessionRecords(Protocol):
    """Where those who open root sessions put them on record."""

    def remember(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Put on record who opened many root sessions."""

    def give_up(self, access_key_ids: Mapping[AccountId, str]) -> None:
        """Say of sessions that they could not be put on record, and are never used; raises nothing of AWS."""


@dataclass(frozen=True)
class SessionRegister:
    """The openers of root sessions, in the state table."""

    table: StateTable

    def opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this access key; None when unknown."""
        opener: str | None = self.table.get(KeyKind.SESSION.key(access_key_id)).get("opener")
        return opener

    def remember(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""
        self.table.put(KeyKind.SESSION.key(access_key_id), {"opener": opener})

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Put on record who opened many root sessions, with as few requests as possible.

        Where a whole batch is refused, one after the other; raises the first refusal after trying all.
        """
        keys = list(access_key_ids)
        items = {KeyKind.SESSION.key(key): {"opener": opener} for key in keys}
        try:
            self.table.put_all(items)
        except (NotWritten, ClientError, BotoCoreError):
            self._remember_each(keys, opener)

    def _remember_each(self, access_key_ids: Iterable[str], opener: str) -> None:
        refused: Exception | None = None
        for key in access_key_ids:
            try:
                self.remember(key, opener)
            except (ClientError, BotoCoreError) as error:
                refused = refused or error
                if isinstance(error, BotoCoreError):
                    # No answer, so that the others would only wait as long.
                    break
        if refused:
            raise refused


@dataclass(frozen=True)
class AnnouncingRegister(SessionRegister):
    """The register of those who open sessions: what it does not take, it says."""

    publish: Callable[[Outcome], None]

    def give_up(self, access_key_ids: Mapping[AccountId, str]) -> None:
        """Say that sessions are not on record and never used, once for all of them.

        assess_root_activity hears it too, and takes their opening for no theft, but any use of them for one.
        """
        logger.error("root sessions not on record", access_key_ids=access_key_ids)
        sessions = tuple(
            UnrecordedSession(account_id=account_id, access_key_id=key)
            for account_id, key in access_key_ids.items()
        )
        # What the bus does not take, its own alarm tells of.
        with suppress(CallRefused):
            self.publish(SessionsNotRecorded(sessions=sessions, occurred_at=self.table.clock()))


def open_root_session(
    sts: "STSClient", register: SessionRecords, account_id: AccountId, task: str
) -> RootSessionKeys:
    """Open a root session for one task and put it on record; raises CallRefused."""
    keys = assume_root(sts, account_id, task)
    try:
        register.remember(keys.access_key_id, OURS)
    except Exception:
        register.give_up({account_id: keys.access_key_id})
        raise
    logger.info("root session opened", account_id=account_id, task=task, access_key_id=keys.access_key_id)
    return keys


def assume_root(sts: "STSClient", account_id: AccountId, task: str) -> RootSessionKeys:
    """Ask STS for a root session. Its keys go on record before they are used; raises CallRefused."""
    with refusals():
        credentials = sts.assume_root(
            TargetPrincipal=account_id,
            TaskPolicyArn={"arn": task_policy_arn(sts.meta.partition, task)},
            DurationSeconds=SESSION_SECONDS,
        )["Credentials"]
    return RootSessionKeys(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
    )


@dataclass(frozen=True)
class _IamListing:
    """What any root session about credentials may list. Every method raises CallRefused.

    signed: within it, the client's calls take the session's keys, where the client has not got them itself.
    """

    iam: "IAMClient"
    signed: Callable[[], AbstractContextManager[None]] = field(default=nullcontext, kw_only=True)

    def identifiers(self, kind: CredentialKind) -> tuple[str, ...]:
        """List the access keys, signing certificates or MFA devices that exist."""
        with refusals(), self.signed():
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

    def last_used(self, credential: Credential) -> datetime | None:
        """Say when the password or an access key was last used; None when never."""
        with refusals(), self.signed():
            if credential == PASSWORD:
                used = self.iam.get_user()["User"].get("PasswordLastUsed")
            else:
                answer = self.iam.get_access_key_last_used(AccessKeyId=credential.identifier)
                used = answer.get("AccessKeyLastUsed", {}).get("LastUsedDate")
        return used.astimezone(UTC) if used else None


@dataclass(frozen=True)
class IamAuditSession(_IamListing):
    """A root session that may only look."""

    def posture(self) -> Posture:
        """Say which kinds of root credentials exist; raises CallRefused."""
        with refusals(), self.signed():
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
        with refusals(), self.signed():
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
                # A request that was sent again may find what it did itself, before its answer was lost.
                if not error.response["ResponseMetadata"].get("RetryAttempts"):
                    recovery = PasswordRecovery.EXISTED
        logger.info("password recovery allowed", account_id=self.account_id, password=recovery)
        return recovery


@dataclass(frozen=True)
class AwsRootSessions:
    """Opens root sessions and puts each on record before it is used."""

    sts: "STSClient"
    iam_client: "Callable[[RootSessionKeys], IAMClient]"
    register: SessionRecords

    def audit(self, account_id: AccountId) -> IamAuditSession:
        """Open a session that may only look; raises CallRefused."""
        return IamAuditSession(self._open(account_id, AUDIT))

    def delete(self, account_id: AccountId) -> IamDeleteSession:
        """Open a session that may list and delete root credentials; raises CallRefused."""
        return IamDeleteSession(self._open(account_id, DELETE), account_id)

    def password(self, account_id: AccountId) -> IamPasswordSession:
        """Open a session that may allow password recovery; raises CallRefused, and then allowed nothing."""
        with refusals():
            return IamPasswordSession(self._open(account_id, RECOVER), account_id)

    def _open(self, account_id: AccountId, task: str) -> "IAMClient":
        return self.iam_client(open_root_session(self.sts, self.register, account_id, task))
