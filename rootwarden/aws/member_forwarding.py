"""The StackSets by which members forward their root activity; the organization's stack deploys them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rootwarden.accounts import AccountId
from rootwarden.aws.clients import error_code, refusals
from rootwarden.contract.names import CANARY_STACK_SET, STACK_SET
from rootwarden.report.deployment_checks import Instance

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


@dataclass(frozen=True)
class MemberForwarding:
    """The StackSets, seen from the management account. Every method raises CallRefused."""

    client: "CloudFormationClient"
    name_prefix: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """What the StackSets are called; the second one is there where canary units are configured."""
        return f"{self.name_prefix}{STACK_SET}", f"{self.name_prefix}{CANARY_STACK_SET}"

    def is_there(self) -> bool:
        """Say whether the StackSet of those that are in no canary unit exists."""
        return self._exists(self.names[0])

    def instances(self) -> Iterator[Instance]:
        """Return every instance of every StackSet there is."""
        for name in self.names:
            if self._exists(name):
                yield from self._instances(name)

    def _exists(self, name: str) -> bool:
        with refusals():
            try:
                self.client.describe_stack_set(StackSetName=name, CallAs="SELF")
            except ClientError as error:
                if error_code(error) != "StackSetNotFoundException":
                    raise
                return False
        return True

    def _instances(self, name: str) -> Iterator[Instance]:
        paginator = self.client.get_paginator("list_stack_instances")
        with refusals():
            for page in paginator.paginate(StackSetName=name, CallAs="SELF"):
                for found in page["Summaries"]:
                    yield Instance(
                        account=AccountId(found.get("Account", "")),
                        region=found.get("Region", ""),
                        status=found.get("Status", "unknown"),
                        why=found.get("StatusReason"),
                        detailed=found.get("StackInstanceStatus", {}).get("DetailedStatus"),
                        stack_set=name,
                    )
