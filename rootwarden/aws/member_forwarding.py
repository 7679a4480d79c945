"""The StackSets by which members forward their root activity; the organization's stack deploys them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rootwarden.accounts import AccountId
from rootwarden.aws.errors import error_code, refusals
from rootwarden.contract.names import CANARY_STACK_SET, STACK_SET
from rootwarden.report.deployment_checks import Instance

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackSetTypeDef


@dataclass(frozen=True)
class MemberForwarding:
    """The StackSets, seen from the management account. Every method raises CallRefused."""

    client: "CloudFormationClient"
    name_prefix: str = ""
    _known: "dict[str, StackSetTypeDef | None]" = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        """What the StackSets are called; the second one is there where canary units are configured."""
        return f"{self.name_prefix}{STACK_SET}", f"{self.name_prefix}{CANARY_STACK_SET}"

    def regions(self) -> tuple[str, ...] | None:
        """Return the Regions they forward from; None where there is no such StackSet."""
        described = self._described(self.names[0])
        return None if described is None else tuple(described.get("Regions", ()))

    def instances(self) -> Iterator[Instance]:
        """Return every instance of every StackSet there is."""
        for name in self.names:
            if self._described(name) is not None:
                yield from self._instances(name)

    def stack_set_of(self, path: Sequence[str]) -> str:
        """Return the StackSet an account belongs to, by the units above it."""
        for name in reversed(self.names):
            units = (self._described(name) or {}).get("OrganizationalUnitIds", ())
            if set(units) & set(path):
                return name
        return self.names[0]

    def _described(self, name: str) -> "StackSetTypeDef | None":
        if name not in self._known:
            self._known[name] = self._describe(name)
        return self._known[name]

    def _describe(self, name: str) -> "StackSetTypeDef | None":
        with refusals():
            try:
                return self.client.describe_stack_set(StackSetName=name, CallAs="SELF")["StackSet"]
            except ClientError as error:
                if error_code(error) == "StackSetNotFoundException":
                    return None
                raise

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
