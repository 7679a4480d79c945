"""What is deployed, as it stands: event rules, and the StackSets by which members forward their events."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rootwarden.aws.clients import error_code, refusals
from rootwarden.contract.names import CANARY_STACK_SET, STACK_SET
from rootwarden.coverage.rules import (
    FoundRule,
    FoundTarget,
    RuleGroup,
    RuleProblem,
    digest,
    digests,
    problems,
)
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.deployment_checks import Instance

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import TargetOutputTypeDef


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


_CUTS = ("Input", "InputPath", "InputTransformer")


@dataclass(frozen=True)
class EventRules:
    """The rules of one account. client_in: a Region's client."""

    client_in: "Callable[[str], EventBridgeClient]"

    def problems(self, groups: Collection[RuleGroup]) -> tuple[RuleProblem, ...]:
        """Say what is not as deployed, in every bus and Region; raises CallRefused."""
        places = sorted({(region, group.bus) for group in groups for region in group.regions})
        return tuple(problem for place in places for problem in self._problems_at(place, groups))

    def _problems_at(self, place: tuple[str, str], groups: Collection[RuleGroup]) -> Iterator[RuleProblem]:
        region, bus = place
        ours = [group for group in groups if group.bus == bus and region in group.regions]
        with refusals():
            found = tuple(self._rules(self.client_in(region), bus, digests(ours)))
        for group in ours:
            yield from problems(group, region, found)

    def _rules(self, client: "EventBridgeClient", bus: str, wanted: Collection[str]) -> Iterator[FoundRule]:
        for page in client.get_paginator("list_rules").paginate(EventBusName=bus):
            for rule in page["Rules"]:
                pattern = digest(rule["EventPattern"]) if rule.get("EventPattern") else ""
                if pattern in wanted:
                    pages = client.get_paginator("list_targets_by_rule").paginate(
                        Rule=rule["Name"], EventBusName=bus
                    )
                    targets = tuple(_target(target) for each in pages for target in each["Targets"])
                    yield FoundRule(
                        name=rule["Name"], digest=pattern, state=str(rule["State"]), targets=targets
                    )


def rule_problems(rules: EventRules, *groups: RuleGroup) -> tuple[str, ...] | CallRefused:
    """Return what is not as deployed, or why it cannot be known."""
    try:
        return tuple(str(problem) for problem in rules.problems(groups))
    except CallRefused as refused:
        return refused


def _target(target: "TargetOutputTypeDef") -> FoundTarget:
    return FoundTarget(
        arn=target["Arn"],
        has_dead_letters=bool(target.get("DeadLetterConfig", {}).get("Arn")),
        is_whole=not any(target.get(cut) for cut in _CUTS),
    )
