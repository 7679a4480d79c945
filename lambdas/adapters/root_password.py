"""Password recovery of a root user, through the one IAM call that allows it.

Without a password given, CreateLoginProfile sets none: it lets the owner of the root user's mailbox ask
for one. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.adapters.refusals import error_code, refusals
from lambdas.domain.accounts import AccountId
from lambdas.domain.recovery.outcome import PasswordRecovery
from lambdas.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


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
