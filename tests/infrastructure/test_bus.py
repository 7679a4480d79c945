"""Who may send what to the bus, and which of its events goes where."""

import json
from typing import Any

import pytest

from stacks import event_patterns as patterns
from tests.infrastructure.synthesized import (
    HUB,
    MANAGEMENT,
    ORGANIZATION,
    Deployment,
    get_arn,
)

_BUS = "BusEA82B648"
_EVERYTHING = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.fixture(scope="session")
def admitted(deployed: Deployment) -> list[dict[str, Any]]:
    """The conditions of the bus policy's allowing statements."""
    return [s["Condition"] for s in _bus_policy(deployed) if s["Effect"] == "Allow"]


def test_bus_has_the_name_every_account_knows(deployed: Deployment) -> None:
    [bus] = deployed.hub.properties("AWS::Events::EventBus")
    assert bus["Name"] == "rootwarden"


def test_only_the_organization_may_send(admitted: list[dict[str, Any]]) -> None:
    assert len(admitted) == 6
    for condition in admitted:
        assert condition["StringEquals"]["aws:PrincipalOrgID"] == ORGANIZATION


def test_only_what_the_rules_take_may_be_sent(admitted: list[dict[str, Any]]) -> None:
    found = {
        condition["StringEquals"]["events:detail-type"]: condition["ForAllValues:StringLike"]["events:source"]
        for condition in admitted
    }
    assert found == {
        "AWS API Call via CloudTrail": ["aws.*"],
        "AWS Console Action via CloudTrail": ["aws.*"],
        "CloudFormation Stack Status Change": ["aws.cloudformation"],
        "AWS Service Event via CloudTrail": ["aws.controltower", "aws.organizations"],
        "AWS Console Sign In via CloudTrail": ["aws.signin"],
        "AWS Console Signin via CloudTrail": ["aws.signin"],
    }


def test_nobody_outside_the_hub_speaks_as_rootwarden(deployed: Deployment) -> None:
    [denial] = [s for s in _bus_policy(deployed) if s["Effect"] == "Deny"]
    assert denial["Condition"] == {
        "ForAnyValue:StringEquals": {"events:source": "rootwarden"},
        "StringNotEquals": {"aws:PrincipalAccount": HUB},
    }
    assert denial["Principal"] == {"AWS": "*"}


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (
            "harden_account",
            {(MANAGEMENT, p.name) for p in patterns.ACCOUNT_JOINED} | {(HUB, "RecoveryWindowClosed")},
        ),
        ("forget_account", {(MANAGEMENT, p.name) for p in patterns.ACCOUNT_LEFT}),
        (
            "assess_root_activity",
            {(None, p.name) for p in patterns.ROOT_ACTIVITY}
            | {(MANAGEMENT, p.name) for p in patterns.TAMPERING},
        ),
        ("notify", {(HUB, "Outcomes")}),
    ],
)
def test_events_reach_their_function(
    deployed: Deployment, handler: str, expected: set[tuple[str | None, str]]
) -> None:
    queue = get_arn(deployed.hub.queue_of(f"lambdas.handlers.{handler}.handler"))
    rules = [
        rule for rule in deployed.hub.properties("AWS::Events::Rule") if rule["Targets"][0]["Arn"] == queue
    ]
    found = {_account_and_name(rule["EventPattern"]) for rule in rules}
    assert found == expected
    assert all(rule["EventBusName"] == {"Ref": _BUS} for rule in rules)


def test_every_rule_sends_the_whole_event(deployed: Deployment) -> None:
    for template in deployed:
        for rule in template.properties("AWS::Events::Rule"):
            [target] = rule["Targets"]
            assert not {"Input", "InputPath", "InputTransformer"} & set(target)


def test_only_assume_root_aws_login_and_our_probes_are_seen_where_they_count_as_read_only(
    deployed: Deployment,
) -> None:
    seen = (patterns.ROOT_CLI_LOGIN, patterns.ASSUME_ROOT, patterns.COVERAGE_PROBE)
    expected = sorted(_as_text(pattern.document()) for pattern in seen)
    for template in deployed:
        rules = template.properties("AWS::Events::Rule")
        taking_all = [rule["EventPattern"] for rule in rules if rule["State"] == _EVERYTHING]
        assert sorted(map(_as_text, taking_all)) == expected


def test_every_pattern_says_why_and_where_from() -> None:
    for pattern in (*patterns.FORWARDED, patterns.OUTCOMES, patterns.RECOVERY_WINDOW_CLOSED):
        assert len(pattern.reason) > 40
        assert pattern.reference.startswith(("https://docs.aws.amazon.com/", "docs/"))


def _as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def _bus_policy(deployed: Deployment) -> list[dict[str, Any]]:
    [bus] = deployed.hub.properties("AWS::Events::EventBus")
    statements: list[dict[str, Any]] = bus["Policy"]["Statement"]
    return statements


def _account_and_name(document: dict[str, Any]) -> tuple[str | None, str]:
    [account] = document.get("account", [None])
    names = [
        pattern.name
        for pattern in (*patterns.FORWARDED, patterns.OUTCOMES, patterns.RECOVERY_WINDOW_CLOSED)
        if pattern.document(account=account) == document
    ]
    assert len(names) == 1, document
    return account, names[0]
