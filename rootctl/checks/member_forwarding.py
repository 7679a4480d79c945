"""The StackSet by which member accounts forward their root activity; the organization's stack deploys it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.adapters.refusals import error_code, refusals
from lambdas.domain.accounts import AccountId

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

STACK_SET = "rootwarden-forwarding"


@dataclass(frozen=True)
class Instance:
    """What is deployed in one account and Region. status: CURRENT when all is well; why: AWS's words."""

    account: AccountId
    region: str
    status: str
    why: str | None


@dataclass(frozen=True)
class MemberForwarding:
    """The StackSet, seen from the management account. Every method raises CallRefused."""

    client: "CloudFormationClient"

    def regions(self) -> tuple[str, ...] | None:
        """Return the Regions it forwards from; None where there is no such StackSet."""
        with refusals():
            try:
                answer = self.client.describe_stack_set(StackSetName=STACK_SET, CallAs="SELF")
            except ClientError as error:
                if error_code(error) == "StackSetNotFoundException":
                    return None
                raise
        return tuple(answer["StackSet"].get("Regions", ()))

    def instances(self) -> Iterator[Instance]:
        """Return every instance."""
        paginator = self.client.get_paginator("list_stack_instances")
        with refusals():
            for page in paginator.paginate(StackSetName=STACK_SET, CallAs="SELF"):
                for found in page["Summaries"]:
                    yield Instance(
                        account=AccountId(found.get("Account", "")),
                        region=found.get("Region", ""),
                        status=found.get("Status", "unknown"),
                        why=found.get("StatusReason"),
                    )
