"""How careful the StackSet of the members is: the `members` object, and what becomes of it."""

from typing import Any

import pytest

from stacks.configuration.reading import ConfigurationError, Mistake, read_configuration
from tests.templates.synthesized import CONFIGURATION, Deployment, synthesized

CANARY, REST = "ou-ab12-11111111", "ou-ab12-22222222"
UNITS = [CANARY, REST]


@pytest.mark.parametrize(
    ("key", "members"),
    [
        ("members", "careful"),
        ("members.max_concurrent_percentage", {"max_concurrent_percentage": 0}),
        ("members.failure_tolerance_count", {"failure_tolerance_count": -1}),
        ("members.failure_tolerance_count", {"failure_tolerance_count": "10%"}),
        ("members.canary_organizational_units", {"canary_organizational_units": ["ou-ab12-99999999"]}),
        ("members.canary_organizational_units", {"canary_organizational_units": UNITS}),
        ("members.canary_organizational_units[0]", {"canary_organizational_units": ["ou-zz99-11111111"]}),
        ("members.canary", {"canary": []}),
    ],
)
def test_value_is_refused_by_its_key(key: str, members: object) -> None:
    assert key in [mistake.key for mistake in _mistakes({"members": members})]


def test_the_default_is_a_tenth_at_a_time_and_stops_after_ten_failures(deployed: Deployment) -> None:
    [stack_set] = deployed.organization.properties("AWS::CloudFormation::StackSet")
    assert stack_set["StackSetName"] == "rootwarden-forwarding"
    assert stack_set["OperationPreferences"] == {
        "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
        "FailureToleranceCount": 10,
        "MaxConcurrentPercentage": 10,
        "RegionConcurrencyType": "PARALLEL",
    }


@pytest.mark.long
def test_canary_units_come_first_in_a_stack_set_of_their_own() -> None:
    members = {"canary_organizational_units": [CANARY], "failure_tolerance_count": 0}
    deployed = synthesized(member_organizational_units=UNITS, members=members)

    sets = deployed.organization.of_type("AWS::CloudFormation::StackSet")
    by_name = {found["Properties"]["StackSetName"]: (key, found) for key, found in sets.items()}
    canary_id, canary = by_name["rootwarden-forwarding-canary"]
    _, rest = by_name["rootwarden-forwarding"]
    assert _units(canary) == [CANARY]
    assert _units(rest) == [REST]
    assert canary_id in rest["DependsOn"]
    assert canary["Properties"]["TemplateBody"] == rest["Properties"]["TemplateBody"]
    assert canary["Properties"]["OperationPreferences"]["FailureToleranceCount"] == 0


def _units(stack_set: dict[str, Any]) -> list[str]:
    [group] = stack_set["Properties"]["StackInstancesGroup"]
    units: list[str] = group["DeploymentTargets"]["OrganizationalUnitIds"]
    return units


def _mistakes(changes: dict[str, Any]) -> tuple[Mistake, ...]:
    context = {"rootwarden": {**CONFIGURATION, "member_organizational_units": UNITS, **changes}}
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(context)
    return caught.value.mistakes
