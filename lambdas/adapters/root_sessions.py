"""Root sessions: sts:AssumeRoot in a member account, for one task policy, for two minutes.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from lambdas.adapters.root_credentials import IamAuditSession, IamDeleteSession
from lambdas.adapters.session_register import SessionRegister
from lambdas.domain.accounts import AccountId
from lambdas.domain.activity_assessment import OURS
from lambdas.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient

AUDIT = "IAMAuditRootUserCredentials"
DELETE = "IAMDeleteRootUserCredentials"
SESSION_SECONDS = 120

IamClientFactory = Callable[[str, str, str], "IAMClient"]


@dataclass(frozen=True)
class AwsRootSessions:
    """Opens root sessions and puts each on record before it is used."""

    sts: "STSClient"
    iam_client: IamClientFactory
    register: SessionRegister

    def audit(self, account_id: AccountId) -> IamAuditSession:
        """Open a session that may only look; raises CallRefused."""
        return IamAuditSession(self._open(account_id, AUDIT))

    def delete(self, account_id: AccountId) -> IamDeleteSession:
        """Open a session that may list and delete root credentials; raises CallRefused."""
        return IamDeleteSession(self._open(account_id, DELETE), account_id)

    def _open(self, account_id: AccountId, task: str) -> "IAMClient":
        with refusals():
            credentials = self.sts.assume_root(
                TargetPrincipal=account_id,
                TaskPolicyArn={"arn": f"arn:{self._partition}:iam::aws:policy/root-task/{task}"},
                DurationSeconds=SESSION_SECONDS,
            )["Credentials"]
        key = credentials["AccessKeyId"]
        self.register.remember(key, OURS)
        logger.info("root session opened", account_id=account_id, task=task, access_key_id=key)
        return self.iam_client(key, credentials["SecretAccessKey"], credentials["SessionToken"])

    @property
    def _partition(self) -> str:
        return self.sts.meta.partition
