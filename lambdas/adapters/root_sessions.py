"""Root sessions: sts:AssumeRoot in a member account, for one task policy, for two minutes.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from lambdas.adapters.root_credentials import IamAuditSession, IamDeleteSession
from lambdas.adapters.root_password import IamPasswordSession
from lambdas.adapters.session_register import SessionRecords, say_not_on_record
from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.assessment import OURS
from lambdas.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient

AUDIT = "IAMAuditRootUserCredentials"
DELETE = "IAMDeleteRootUserCredentials"
PASSWORD = "IAMCreateRootUserPassword"
UNLOCK_BUCKET = "S3UnlockBucketPolicy"
UNLOCK_QUEUE = "SQSUnlockQueuePolicy"
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
            TaskPolicyArn={"arn": f"arn:{sts.meta.partition}:iam::aws:policy/root-task/{task}"},
            DurationSeconds=SESSION_SECONDS,
        )["Credentials"]
    return RootSessionKeys(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
    )
