"""Who may send what to the bus, and which of its events goes where."""

import json
from typing import Any

import pytest

from embedded_aws.iam.policy_evaluation import Decision
from embedded_aws.iam.resource_policies import Caller, Question, judge
from rootwarden.contract import event_patterns as patterns
from rootwarden.contract import watch_patterns as watch
from rootwarden.contract.pattern import SIGN_IN
from tests.templates.synthesized import HUB, MANAGEMENT, ORGANIZATION, Deployment, get_arn

_BUS = "BusEA82B648"
_ALL = (
    *patterns.FORWARDED,
    *watch.WATCH_FORWARDED,
    *watch.HUB_WATCH,
    patterns.OUTCOMES,
    patterns.RECOVERY_WINDOW_CLOSED,
    patterns.ASSUME_ROOT_ADMITTED,
    patterns.ASSUME_ROOT_REFUSED,
    patterns.ROOT_SESSIONS_NOT_RECORDED,
)
_EVERYTHING = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.fixture(scope="session")
def admitted(deployed: Deployment) -> list[dict[str, Any]]:
    """The conditions of the bus policy's allowing statements."""
    return [s["Condition"] for s in _bus_policy(deployed) if s["Effect"] == "Allow"]


def test_bus_has_the_name_every_account_knows(deployed: Deployment) -> None:
    [bus] = deployed.hub.properties("AWS::Events::EventBus")
    assert bus["Name"] == "rootwarden"


def test_only_the_organization_may_send(admitted: list[dict[str, Any]]) -> None:
    assert len(admitted) == 4
    for condition in admitted:
        assert condition["StringEquals"] == {"aws:PrincipalOrgID": ORGANIZATION}


def test_only_what_the_rules_take_may_be_sent(admitted: list[dict[str, Any]]) -> None:
    found = {
        detail_type: condition["ForAllValues:StringLike"]["events:source"]
        for condition in admitted
        for detail_type in condition["ForAllValues:StringEquals"]["events:detail-type"]
    }
    assert found == {
        "AWS API Call via CloudTrail": ["aws.*"],
        "AWS Console Action via CloudTrail": ["aws.*"],
        "CloudFormation Stack Status Change": ["aws.cloudformation"],
        "AWS Service Event via CloudTrail": ["aws.controltower", "aws.organizations"],
        "AWS Console Sign In via CloudTrail": ["aws.signin"],
        "AWS Console Signin via CloudTrail": ["aws.signin"],
        "Sign-in Anomaly Alert": ["aws.signin"],
    }


_SIGN_IN, _CALL = "AWS Console Sign In via CloudTrail", "AWS API Call via CloudTrail"


@pytest.mark.parametrize(
    ("sources", "detail_types", "sender", "expected"),
    [
        (["aws.signin"], [_SIGN_IN], {}, Decision.ALLOWED),
        (["aws.signin", "aws.signin"], list(SIGN_IN), {}, Decision.ALLOWED),
        (["aws.lambda"], [_CALL], {}, Decision.ALLOWED),
        (["aws.lambda"], [_SIGN_IN], {}, Decision.IMPLICITLY_DENIED),
        (["aws.signin"], ["Another"], {}, Decision.IMPLICITLY_DENIED),
        (["aws.signin", "another"], [_SIGN_IN, _SIGN_IN], {}, Decision.IMPLICITLY_DENIED),
        (["aws.signin", "aws.signin"], [_SIGN_IN, "Another"], {}, Decision.IMPLICITLY_DENIED),
        ([], [_SIGN_IN], {}, Decision.IMPLICITLY_DENIED),
        (["aws.signin"], [], {}, Decision.IMPLICITLY_DENIED),
        (["aws.signin"], [_SIGN_IN], {"aws:PrincipalOrgID": "o-else"}, Decision.IMPLICITLY_DENIED),
        (["aws.partner/example.com/x"], [_CALL], {}, Decision.EXPLICITLY_DENIED),
        (["aws.iam", "aws.partner/example.com/x"], [_CALL, _CALL], {}, Decision.EXPLICITLY_DENIED),
        (["rootwarden"], ["Test Alert"], {}, Decision.EXPLICITLY_DENIED),
    ],
)
def test_what_the_bus_lets_in(
    deployed: Deployment,
    sources: list[str],
    detail_types: list[str],
    sender: dict[str, str],
    expected: Decision,
) -> None:
    """AWS types both keys as lists; where a call has one event, it holds for one text as well."""
    context = {"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalAccount": MANAGEMENT, **sender}
    typed: list[dict[str, Any]] = [{"events:source": sources, "events:detail-type": detail_types}]
    if len(sources) == len(detail_types) == 1:
        typed.append({"events:source": sources[0], "events:detail-type": detail_types[0]})
    for events in typed:
        question = Question(
            caller=Caller(account=MANAGEMENT),
            action="events:PutEvents",
            resource="*",
            context={**context, **events},
        )
        assert judge({"Statement": _resolved(deployed)}, question) is expected


def test_without_a_set_operator_a_list_would_equal_nothing(deployed: Deployment) -> None:
    conditions = [s["Condition"] for s in _bus_policy(deployed)]
    for key in ("events:source", "events:detail-type"):
        operators = {
            operator for condition in conditions for operator in condition if key in condition[operator]
        }
        assert operators <= {"Null"} | {
            o for o in operators if o.startswith(("ForAllValues:", "ForAnyValue:"))
        }


def test_nobody_outside_the_hub_speaks_as_rootwarden(deployed: Deployment) -> None:
    [denial] = [s for s in _bus_policy(deployed) if s["Sid"] == "OutcomesFromHubOnly"]
    assert denial["Effect"] == "Deny"
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
            {(None, p.name) for p in (*patterns.ROOT_ACTIVITY, *watch.WATCH, watch.PROTECTING_POLICY)}
            | {(HUB, "RootSessionsNotRecorded")}
            | {(MANAGEMENT, p.name) for p in (*patterns.TAMPERING, *watch.WATCH_OF_ORGANIZATION)}
            | {(None, p.name) for p in watch.HUB_WATCH},
        ),
        ("notify", {(HUB, "Outcomes")}),
    ],
)
def test_events_reach_their_function(
    deployed: Deployment, handler: str, expected: set[tuple[str | None, str]]
) -> None:
    queue = get_arn(deployed.hub.queue_of(f"lambdas.{handler}.handler"))
    rules = [
        rule for rule in deployed.hub.properties("AWS::Events::Rule") if rule["Targets"][0]["Arn"] == queue
    ]
    found = {_account_and_name(rule["EventPattern"]) for rule in rules}
    assert found == expected
    # The hub's own watch does not depend on the bus it watches.
    assert [_account_and_name(rule["EventPattern"])[1] for rule in rules if "EventBusName" not in rule] == [
        pattern.name for pattern in watch.HUB_WATCH if (None, pattern.name) in found
    ]
    assert all(rule.get("EventBusName", {"Ref": _BUS}) == {"Ref": _BUS} for rule in rules)


def test_every_rule_sends_the_whole_event(deployed: Deployment) -> None:
    for template in deployed:
        for rule in template.properties("AWS::Events::Rule"):
            [target] = rule["Targets"]
            assert not {"Input", "InputPath", "InputTransformer"} & set(target)


def test_only_assume_root_aws_login_and_our_probes_are_seen_where_they_count_as_read_only(
    deployed: Deployment,
) -> None:
    in_hub = (patterns.ASSUME_ROOT_ADMITTED, patterns.ASSUME_ROOT_REFUSED)
    for template in deployed:
        opened = in_hub if template is deployed.hub else (patterns.ASSUME_ROOT,)
        seen = (patterns.ROOT_CLI_LOGIN, *opened, patterns.COVERAGE_PROBE)
        expected = sorted(_as_text(pattern.document()) for pattern in seen)
        rules = template.properties("AWS::Events::Rule")
        taking_all = [rule["EventPattern"] for rule in rules if rule["State"] == _EVERYTHING]
        assert sorted(map(_as_text, taking_all)) == expected


def test_every_pattern_says_why_and_where_from() -> None:
    for pattern in _ALL:
        assert len(pattern.reason) > 40
        assert pattern.reference.startswith(("https://docs.aws.amazon.com/", "docs/"))


def test_no_field_stands_twice_on_the_way_to_a_leaf() -> None:
    # Of a field that stands beside a choice and in it, AWS does not say which counts.
    for pattern in (*patterns.FORWARDED, *watch.WATCH_FORWARDED, *watch.HUB_WATCH):
        for choice in pattern.detail.get("$or", []):
            assert not set(choice) & set(pattern.detail)


def _as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


def _bus_policy(deployed: Deployment) -> list[dict[str, Any]]:
    [bus] = deployed.hub.properties("AWS::Events::EventBus")
    statements: list[dict[str, Any]] = bus["Policy"]["Statement"]
    return statements


def _resolved(deployed: Deployment) -> list[dict[str, Any]]:
    return [{**statement, "Resource": "*"} for statement in _bus_policy(deployed)]


def _account_and_name(document: dict[str, Any]) -> tuple[str | None, str]:
    [account] = document.get("account", [None])
    names = [pattern.name for pattern in _ALL if pattern.document(account=account) == document]
    assert len(names) == 1, document
    return account, names[0]
