"""The rules as deployed, for those who look whether they still are: rootwarden.coverage.rules reads this."""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Stack
from constructs import Construct

from rootwarden.contract.event_patterns import ORGANIZATION_DEPLOYED
from rootwarden.contract.names import with_prefix
from rootwarden.contract.regions import GLOBAL_SERVICES_REGION
from rootwarden.contract.rule_digests import rule_digest
from stacks.configuration.configuration import Configuration
from stacks.constructs.bus import BUS_NAME, bus_arn
from stacks.constructs.forwarding import management_patterns
from stacks.constructs.queued_function import Inbox
from stacks.constructs.sweep_machine import NAME

RuleGroup = dict[str, object]


def deployed_rules(
    scope: Construct, inboxes: Sequence[Inbox], configuration: Configuration
) -> dict[str, object]:
    """Return all rules, as the state machine hands them to the function that writes the report.

    A function's environment holds 4,096 bytes, and they are more.
    """
    return {
        "bus": _rules_of_bus(scope, inboxes, configuration),
        "management": _rules_of_management(scope, configuration),
    }


def _rules_of_bus(
    scope: Construct, inboxes: Sequence[Inbox], configuration: Configuration
) -> list[RuleGroup]:
    """Return the rules of the hub's bus: a group for each queue, and the one that sweeps."""
    # The machine invokes the function that looks, which so cannot refer to it.
    machine = Stack.of(scope).format_arn(
        service="states",
        resource="stateMachine",
        resource_name=configuration.named(NAME),
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    deployed = with_prefix(ORGANIZATION_DEPLOYED, configuration.name_prefix)
    sweeping = {deployed.name: rule_digest(deployed, configuration.management_account_id)}
    targets = [*((inbox.queue.queue_arn, inbox.rules) for inbox in inboxes), (machine, sweeping)]
    here = [configuration.hub_region]
    own_account = [
        _group("default", here, inbox.queue.queue_arn, inbox.own_account_rules)
        for inbox in inboxes
        if inbox.own_account_rules
    ]
    return [
        *(_group(configuration.named(BUS_NAME), here, target, rules) for target, rules in targets),
        *own_account,
    ]


def _rules_of_management(scope: Construct, configuration: Configuration) -> list[RuleGroup]:
    """Return the forwarding rules of the management account, Regions with the same rules together."""
    regions: dict[tuple[tuple[str, str], ...], list[str]] = {}
    # Which id the deny-root policy will have is no part of the digest: see rule_digests.
    own = ["deny-root"] if configuration.deny_root_organizational_units else []
    policies = [*own, *configuration.protecting_policies]
    for region in (GLOBAL_SERVICES_REGION, *configuration.other_management_regions):
        patterns = management_patterns(region, configuration, policies=policies)
        named = [with_prefix(pattern, configuration.name_prefix) for pattern in patterns]
        rules = tuple((pattern.name, rule_digest(pattern)) for pattern in named)
        regions.setdefault(rules, []).append(region)
    target = bus_arn(scope, configuration)
    return [_group("default", found, target, dict(rules)) for rules, found in regions.items()]


def _group(bus: str, regions: Sequence[str], target: str, rules: Mapping[str, str]) -> RuleGroup:
    return {"bus": bus, "regions": list(regions), "target": target, "rules": dict(rules)}
