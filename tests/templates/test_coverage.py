"""Alarm paths are proven by one rule everywhere, and what was deployed is known to those who look."""

import json
from typing import Any

import pytest

from rootwarden.coverage.rules import DeployedRules, digest
from rootwarden.events import Fields
from stacks.configuration.reading import read_configuration
from stacks.configuration.sweep import Coverage, ProbeTurn
from stacks.constructs.bus import BUS_NAME
from tests.templates.synthesized import CONFIGURATION, Deployment, Template, definition, synthesized

_ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def _deployed_rules(hub: Template) -> DeployedRules:
    """Return the rules that the sweep's state machine hands to the function that writes the report."""
    payload = definition(hub)["States"]["WriteReport"]["Parameters"]["Payload"]
    return DeployedRules.from_detail(Fields(payload["rules"]))


def _rules(template: Template) -> dict[str, dict[str, Any]]:
    return {
        digest(json.dumps(rule["EventPattern"])): rule for rule in template.properties("AWS::Events::Rule")
    }


def test_a_probe_is_forwarded_from_everywhere_by_a_rule_that_sees_read_only_calls(
    deployed: Deployment,
) -> None:
    for template in (deployed.hub, deployed.organization, deployed.member):
        [rule] = [
            rule
            for rule in template.properties("AWS::Events::Rule")
            if "GetAccountSummary" in rule["EventPattern"].get("detail", {}).get("eventName", [])
        ]
        assert rule["State"] == _ALL
        assert rule["EventPattern"]["detail"]["userIdentity"] == {
            "type": ["Root"],
            "sessionContext": {"assumedRoot": ["true"]},
        }


@pytest.mark.long
def test_where_all_read_only_calls_are_forwarded_no_second_rule_sends_probes_again() -> None:
    made = synthesized(forward_read_only_calls=True)
    for template in (made.hub, made.member):
        assert "GetCallerIdentity" not in json.dumps(template.properties("AWS::Events::Rule"))


def test_every_rule_is_known_by_what_it_matches_its_state_and_its_target(deployed: Deployment) -> None:
    groups = _deployed_rules(deployed.hub).bus
    expected = {(name, rule) for group in groups for name, rule in group.rules.items()}
    deployed_rules = {
        digest(json.dumps(rule["EventPattern"])) + ("+" if rule["State"] == _ALL else "")
        for rule in deployed.hub.properties("AWS::Events::Rule")
    }

    assert {rule for _, rule in expected} == deployed_rules
    # The hub's own rules are on the default bus, so that they hold without the bus rootwarden
    assert {group.bus for group in groups} == {BUS_NAME, "default"}
    assert len({group.target for group in groups}) == 6


def test_the_management_account_s_rules_are_known_region_by_region(deployed: Deployment) -> None:
    groups = _deployed_rules(deployed.hub).management
    by_region = {region: group for group in groups for region in group.regions}

    assert set(by_region) == {"us-east-1", "eu-west-1"}
    found = {rule.removesuffix("+") for rule in by_region["us-east-1"].rules.values()}
    assert found == set(_rules(deployed.organization))
    assert by_region["us-east-1"].target.endswith(":222233334444:event-bus/rootwarden")


@pytest.mark.parametrize(
    ("wanted", "between", "hours"),
    [
        (ProbeTurn.WEEKLY, 24, 27),
        (ProbeTurn.WEEKLY, 1, 2),
        (ProbeTurn.WEEKLY, 96, 106),
        (ProbeTurn.EVERY_SWEEP, 24, 168),
    ],
)
def test_how_many_accounts_a_sweep_probes_follows_from_how_often_it_runs(
    wanted: ProbeTurn, between: int, hours: int
) -> None:
    assert Coverage(other_regions=wanted).turn_hours(between) == hours


def test_which_regions_are_probed_is_as_configured() -> None:
    given = {"rootwarden": CONFIGURATION}
    never = {**given, "rootwarden.coverage.other_regions": "never"}

    assert read_configuration(given).probed_regions == ("eu-west-1",)
    assert read_configuration(never).probed_regions == ()
