"""Whether the rules that bring events here are still as they were deployed."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rootwarden.contract.rule_digests import READ_ONLY_TOO, pattern_digest
from rootwarden.events import Record

# EnableRule puts it right, but drops ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.
_IS_DISABLED = "is DISABLED, not ENABLED"
_STATES = {True: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", False: "ENABLED"}


class RuleGroup(Record, frozen=True, kw_only=True):
    """Rules of one target, as deployed: the digest of each one's pattern by its name."""

    bus: str
    regions: tuple[str, ...] = ()
    target: str
    rules: Mapping[str, str]


class DeployedRules(Record, frozen=True, kw_only=True):
    """Every rule as deployed: the hub's, and the management account's, which only that account sees."""

    bus: tuple[RuleGroup, ...]
    management: tuple[RuleGroup, ...]


@dataclass(frozen=True, kw_only=True)
class FoundTarget:
    """A rule's target. is_whole: it gets the event as it is."""

    arn: str
    has_dead_letters: bool
    is_whole: bool


@dataclass(frozen=True, kw_only=True)
class FoundRule:
    """A rule as it is now. targets are looked up for patterns of ours alone."""

    name: str
    digest: str
    state: str
    targets: tuple[FoundTarget, ...]


@dataclass(frozen=True, kw_only=True)
class RuleProblem:
    """How a rule is not as deployed. rule: its own name, None where it is gone."""

    region: str
    bus: str
    pattern: str
    text: str
    rule: str | None = None
    is_disabled: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        named = f" (rule {self.rule})" if self.rule else ""
        return f"{self.region}: {self.pattern} {self.text}{named}"


def digest(pattern: str) -> str:
    """Return what a pattern is known by, however its JSON is written."""
    return pattern_digest(json.loads(pattern))


def digests(groups: Collection[RuleGroup]) -> frozenset[str]:
    """Return the digests of all patterns."""
    return frozenset(rule.removesuffix(READ_ONLY_TOO) for group in groups for rule in group.rules.values())


def problems(group: RuleGroup, region: str, found: Collection[FoundRule]) -> tuple[RuleProblem, ...]:
    """Say which rules of a group are not as deployed in a Region, and how."""
    looked_at = ((name, *_problem(rule, group.target, found)) for name, rule in group.rules.items())
    return tuple(
        RuleProblem(
            region=region,
            bus=group.bus,
            pattern=name,
            text=text,
            rule=rule.name if rule else None,
            is_disabled=text == _IS_DISABLED,
        )
        for name, rule, text in looked_at
        if text
    )


def _problem(deployed: str, target: str, found: Collection[FoundRule]) -> tuple[FoundRule | None, str | None]:
    same = [each for each in found if each.digest == deployed.removesuffix(READ_ONLY_TOO)]
    if not same:
        return None, "is gone, or its pattern was changed"
    state = _STATES[deployed.endswith(READ_ONLY_TOO)]
    # Two functions may wait for the same events: the rule of this target is meant.
    by_target = [(each, one) for each in same for one in each.targets if one.arn == target]
    if not by_target:
        return same[0], "has lost its target"
    looked_at = [(each, _differs(each, one, state)) for each, one in by_target]
    return next(((each, None) for each, text in looked_at if text is None), looked_at[0])


def _differs(rule: FoundRule, target: FoundTarget, state: str) -> str | None:
    if rule.state != state:
        return f"is {rule.state}, not {state}"
    if not target.is_whole:
        return "no longer sends the whole event"
    return None if target.has_dead_letters else "has lost its target's dead-letter queue"
