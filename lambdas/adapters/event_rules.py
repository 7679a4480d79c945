"""EventBridge's rules as they are now, compared with those that were deployed."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from lambdas.domain.coverage.rules import (
    FoundRule,
    FoundTarget,
    RuleGroup,
    RuleProblem,
    digest,
    digests,
    problems,
)
from lambdas.domain.hardening.removal import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import TargetOutputTypeDef

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
