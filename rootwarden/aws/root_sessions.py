"""Root sessions: opened by sts:AssumeRoot for one task, each on record before its first call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from rootwarden.accounts import AccountId
from rootwarden.activity.assessment import OURS
from rootwarden.aws.errors import refusals
from rootwarden.aws.observability import logger, record
from rootwarden.aws.root_credentials import IamAuditSession, IamDeleteSession, IamPasswordSession
from rootwarden.aws.state_table import NotWritten, StateTable, text, text_in
from rootwarden.contract.task_policies import AUDIT, DELETE, PASSWORD, task_policy_arn

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient


# Longer than a record can wait in its account's own queue until a sweep brings it in.
_KEPT = timedelta(days=15)
# The one service of this metric, whichever function writes it.
_METRIC, _SERVICE = "SessionsNotOnRecord", "session_register"


def say_not_on_record(access_key_ids: Mapping[AccountId, str]) -> None:
    """Log sessions of ours that could not be put on record, and ring the alarm that says so, once for all.

    When CloudTrail reports them, each is alerted on as opened by our role in other hands: falsely.
    """
    logger.error("root sessions not on record", access_key_ids=access_key_ids)
    record(_METRIC, len(access_key_ids), service=_SERVICE)


class SessionRecords(Protocol):
    """Where whoever opens root sessions puts them on record."""

    def remember(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Put on record who opened many root sessions."""


@dataclass(frozen=True)
class SessionRegister:
    """The openers of root sessions, in the state table."""

    table: StateTable
    clock: Callable[[], datetime]

    def opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this access key; None when unknown."""
        return text_in(self.table.get(_pk(access_key_id)), "opener")

    def remember(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""
        item = {"opener": text(opener)}
        self.table.put(_pk(access_key_id), item, expires_at=self.clock() + _KEPT)

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Put on record who opened many root sessions, with as few requests as possible.

        Where a whole batch is refused, one after the other; raises the first refusal after trying all.
        """
        keys = list(access_key_ids)
        items = {_pk(key): {"opener": text(opener)} for key in keys}
        try:
            self.table.put_all(items, expires_at=self.clock() + _KEPT)
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


def _pk(access_key_id: str) -> str:
    return f"SESSION#{access_key_id}"


SESSION_SECONDS = 120

IamClientFactory = Callable[[str, str, str], "IAMClient"]


@dataclass(frozen=True)
class RootSessionKeys:
    """A root session's keys. No representation shows the secrets."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


@dataclass(frozen=True)
class AwsRootSessions:
    """Opens root sessions and puts each on record before it is used."""

    sts: "STSClient"
    iam_client: IamClientFactory
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
            return IamPasswordSession(self._open(account_id, PASSWORD), account_id)

    def _open(self, account_id: AccountId, task: str) -> "IAMClient":
        keys = open_root_session(self.sts, self.register, account_id, task)
        return self.iam_client(keys.access_key_id, keys.secret_access_key, keys.session_token)


def open_root_session(
    sts: "STSClient", register: SessionRecords, account_id: AccountId, task: str
) -> RootSessionKeys:
    """Open a root session for one task and put it on record; raises CallRefused."""
    keys = assume_root(sts, account_id, task)
    try:
        register.remember(keys.access_key_id, OURS)
    except Exception:
        say_not_on_record({account_id: keys.access_key_id})
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
