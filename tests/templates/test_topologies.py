"""Every topology synthesizes with one configuration key changed."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from embedded_aws.events.matching import matches
from rootwarden.contract import event_patterns as patterns
from rootwarden.contract.regions import DEFAULT_REGIONS
from rootwarden.contract.watch_patterns import WATCH
from tests.templates.resource_policy_quotas import over_quota
from tests.templates.synthesized import HUB, MANAGEMENT, Deployment, Template, arn, synthesized
from tests.unit.sample_events import NAMES, sample
from tests.wiring.test_event_patterns import EXPECTED

pytestmark = pytest.mark.long

_CHECKOUT = Path(__file__).parents[2]
# Every option that adds to what a resource's policy says.
_ALL_OPTIONS = {"sweep": {"mode": "enforce", "security_hub": True, "object_lock": True}}


def topology(**changes: object) -> Deployment:
    """Return a topology whose resource policies AWS would take."""
    deployed = synthesized(**{**_ALL_OPTIONS, **changes})
    assert over_quota(iter(deployed)) == []
    return deployed


def test_hub_in_the_management_account() -> None:
    # Given the hub in the management account
    deployed = topology(hub_account_id=MANAGEMENT, approval={}, forwarding_regions=["default"])
    # Then the bus is first, and there is no account to register
    elsewhere = {f"RootWardenForwarding-{region}": region for region in DEFAULT_REGIONS[1:]}
    assert deployed.environments() == {
        "RootWardenHub": f"{MANAGEMENT}/us-east-1",
        "RootWardenOrganization": f"{MANAGEMENT}/us-east-1",
        **{name: f"{MANAGEMENT}/{region}" for name, region in elsewhere.items()},
    }
    for name in ("RootWardenOrganization", *elsewhere):
        assert "RootWardenHub" in _dependencies(deployed, name)
    # And people are asked to confirm one topic of the management account, however many Regions forward
    topics = [t.name for t in deployed.templates.values() if t.of_type("AWS::SNS::Topic")]
    assert topics == ["RootWardenHub", "RootWardenOrganization"]
    assert "RegisterDelegatedAdministrator" not in _calls(deployed)
    assert _target(deployed.organization) == _bus(MANAGEMENT, "us-east-1")


def test_hub_in_a_delegated_administrator_account() -> None:
    deployed = topology(forwarding_regions=["us-east-1"])
    assert deployed.environments() == {
        "RootWardenHub": f"{HUB}/us-east-1",
        "RootWardenOrganization": f"{MANAGEMENT}/us-east-1",
    }
    assert "RootWardenHub" in _dependencies(deployed, "RootWardenOrganization")
    assert "RegisterDelegatedAdministrator" in _calls(deployed)


def test_hub_in_another_region() -> None:
    deployed = synthesized(hub_region="eu-west-1", forwarding_regions=["us-east-1", "eu-west-1"], slack={})
    assert deployed.environments() == {
        "RootWardenHub": f"{HUB}/eu-west-1",
        "RootWardenOrganization": f"{MANAGEMENT}/us-east-1",
        "RootWardenForwarding-eu-west-1": f"{MANAGEMENT}/eu-west-1",
    }
    assert "RootWardenHub" in _dependencies(deployed, "RootWardenForwarding-eu-west-1")
    for template in (*deployed.templates.values(), deployed.member):
        if template is not deployed.hub:
            assert _target(template) == _bus(HUB, "eu-west-1")


def test_control_tower_with_another_home_region() -> None:
    deployed = synthesized(control_tower_home_region="eu-central-1", forwarding_regions=["us-east-1"])
    home = deployed.templates["RootWardenForwarding-eu-central-1"]
    assert deployed.environments()[home.name] == f"{MANAGEMENT}/eu-central-1"
    [rule] = home.properties("AWS::Events::Rule")
    assert rule["EventPattern"] == patterns.CONTROL_TOWER_ACCOUNT.document()


def test_control_tower_home_region_that_also_forwards() -> None:
    deployed = topology(control_tower_home_region="eu-west-1")
    rules = deployed.templates["RootWardenForwarding-eu-west-1"].properties("AWS::Events::Rule")
    # Root's activity, the watch on the watch, and Control Tower's own
    assert len(rules) == len(patterns.ROOT_ACTIVITY) + len(WATCH) + 1


def test_chosen_units_and_read_only_calls() -> None:
    deployed = topology(
        member_organizational_units=["ou-ab12-33333333"],
        forward_read_only_calls=True,
        deny_root_organizational_units=[],
    )
    [stack_set] = deployed.organization.properties("AWS::CloudFormation::StackSet")
    [group] = stack_set["StackInstancesGroup"]
    assert group["DeploymentTargets"]["OrganizationalUnitIds"] == ["ou-ab12-33333333"]
    assert not deployed.organization.of_type("AWS::Organizations::Policy")
    for template in (deployed.hub, deployed.member):
        states = {
            rule["State"]
            for rule in template.properties("AWS::Events::Rule")
            if '["Root"]' in json.dumps(rule["EventPattern"])
        }
        assert states == {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
        _assert_near_misses_start_no_rule(template)


def _assert_near_misses_start_no_rule(template: Template) -> None:
    patterns = [
        EventPattern.load(json.dumps(rule["EventPattern"]))
        for rule in template.properties("AWS::Events::Rule")
        if rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    ]
    taken = {name for name in NAMES if any(matches(pattern, sample(name)) for pattern in patterns)}
    assert not taken & NEAR_MISSES
    assert {"root_cli_login_refreshed", "root_federated_session_call", "root_account_closed"} <= taken


NEAR_MISSES = {name for name, queue in EXPECTED.items() if queue is None}


@pytest.mark.parametrize(
    ("given", "hub", "management"),
    [
        ((), "", ""),
        (("HUB_PROFILE=security", "MANAGEMENT_PROFILE=org"), " --profile security", " --profile org"),
    ],
)
def test_make_deploys_the_hub_first_and_what_goes_to_every_account_last(
    given: tuple[str, ...], hub: str, management: str
) -> None:
    # Nothing is run: make only says what it would.
    make = shutil.which("make") or "make"
    said = subprocess.run(  # noqa: S603 - our own Makefile
        [make, "-n", "deploy", *given], capture_output=True, text=True, check=True, cwd=_CHECKOUT
    ).stdout.replace("\\\n", " ")
    found = [" ".join(line.split()) for line in said.splitlines() if "cdk deploy" in line]
    at_once = "--ignore-no-stacks --concurrency 8 --require-approval never"
    assert found == [
        f"npx cdk deploy RootWardenHub --exclusively{hub}",
        f"npx cdk deploy 'RootWardenForwarding-*' --exclusively {at_once}{management}",
        f"npx cdk deploy RootWardenOrganization --exclusively{management}",
    ]


def _bus(account: str, region: str) -> dict[str, Any]:
    return arn(f"events:{region}:{account}:event-bus/rootwarden")


def _target(template: Template) -> Any:
    [target] = {json.dumps(r["Targets"][0]["Arn"]) for r in template.properties("AWS::Events::Rule")}
    return json.loads(target)


def _calls(deployed: Deployment) -> set[str]:
    calls = deployed.organization.properties("Custom::AWS")
    return {json.loads(call["Create"])["action"] for call in calls}


def _dependencies(deployed: Deployment, name: str) -> list[str]:
    manifest = json.loads((deployed.directory / "manifest.json").read_text(encoding="utf-8"))
    dependencies: list[str] = manifest["artifacts"][name].get("dependencies", [])
    return dependencies
