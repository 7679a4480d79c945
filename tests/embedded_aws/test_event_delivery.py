import json
from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.environment import EmbeddedAws
from embedded_aws.events.delivery import MalformedEventError
from tests.embedded_aws.templates import (
    HUB,
    MANAGEMENT,
    MEMBER,
    ORGANIZATION_ID,
    Stack,
    allow,
    att,
    event,
    queue,
    queue_policy,
    role,
    rule,
)

Deploy = Callable[..., EmbeddedAws]


def received(aws: EmbeddedAws, name: str, account: str = HUB, region: str = "us-east-1") -> list[Any]:
    sqs = aws.client("sqs", account=account, region=region)
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages", []
    )
    return list(messages)


def bodies(aws: EmbeddedAws, name: str = "q", **place: Any) -> list[Any]:
    return [json.loads(message["Body"]) for message in received(aws, name, **place)]


def one_queue(**rule_properties: Any) -> dict[str, Any]:
    return {
        "Queue": queue(QueueName="q"),
        "Policy": queue_policy("Queue", rule=att("Rule")),
        "Rule": rule({"Arn": att("Queue")}, **rule_properties),
    }


def test_a_matching_event_reaches_the_queue_whole(deployed: Deploy) -> None:
    aws = deployed(Stack(resources=one_queue()))
    aws.deliver(event())
    assert bodies(aws) == [event()]


def test_another_event_does_not(deployed: Deploy) -> None:
    aws = deployed(Stack(resources=one_queue()))
    aws.deliver(event(source="else"))
    aws.deliver(event(account=MEMBER))
    aws.deliver(event(region="eu-west-1"))
    assert bodies(aws) == []


def test_a_disabled_rule_delivers_nothing(deployed: Deploy) -> None:
    aws = deployed(Stack(resources=one_queue(State="DISABLED")))
    aws.deliver(event())
    assert bodies(aws) == []


CALL = {"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam"}


@pytest.mark.parametrize(
    ("state", "call", "arrives"),
    [
        ("ENABLED", {**CALL, "detail": {"readOnly": False}}, True),
        ("ENABLED", {**CALL, "detail": {"readOnly": True}}, False),
        ("ENABLED", {**CALL, "source": "aws.sts", "detail": {}}, False),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", {**CALL, "detail": {"readOnly": True}}, True),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", {**CALL, "detail": {}}, True),
    ],
)
def test_read_only_calls_reach_only_rules_that_ask_for_them(
    deployed: Deploy, state: str, call: dict[str, Any], *, arrives: bool
) -> None:
    aws = deployed(Stack(resources=one_queue(State=state)))
    aws.deliver(event(**call))
    assert bool(bodies(aws)) is arrives


@pytest.mark.parametrize(
    ("pattern", "detail", "matches"),
    [
        ({"a": {"b": ["x"]}}, {"a": [{"b": "y"}, {"b": "x"}]}, True),
        ({"a": {"b": ["x"]}}, {"a": [{"b": "y"}]}, False),
        # One object has to match by itself.
        ({"a": {"b": ["x"], "c": ["y"]}}, {"a": [{"b": "x"}, {"c": "y"}]}, False),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
        ({"a": [{"exists": True}]}, {"a": {"b": 1}}, False),
        ({"a": [{"exists": True}]}, {"a": []}, False),
        ({"a": ["x"]}, {"a": ["y", "x"]}, True),
        ({"a": [{"anything-but": ["x"]}]}, {"a": "y"}, True),
        ({"a": [{"anything-but": ["x"]}]}, {}, False),
        ({"a": [{"prefix": "Enable"}]}, {"a": "EnableThis"}, True),
        ({"$or": [{"a": ["x"]}, {"b": ["x"]}]}, {"b": "x"}, True),
        ({"a": [None]}, {"a": None}, True),
    ],
)
def test_patterns_match_as_in_aws(
    deployed: Deploy, pattern: dict[str, Any], detail: dict[str, Any], *, matches: bool
) -> None:
    aws = deployed(Stack(resources=one_queue(EventPattern={"detail": pattern})))
    aws.deliver(event(detail=detail))
    assert bool(bodies(aws)) is matches


def test_a_target_that_gets_something_else_than_the_event_is_refused(deployed: Deploy) -> None:
    resources = one_queue()
    resources["Rule"] = rule({"Arn": att("Queue"), "InputPath": "$.detail"})
    with pytest.raises(DeploymentError, match="a target has InputPath, which"):
        deployed(Stack(resources=resources))


def with_dead_letters(target: Any, **resources: Any) -> dict[str, Any]:
    return {
        "Dead": queue(QueueName="dead"),
        "DeadPolicy": queue_policy("Dead", rule=att("Rule")),
        "Rule": rule({"Arn": target, "DeadLetterConfig": {"Arn": att("Dead")}}),
        **resources,
    }


def test_a_queue_that_does_not_admit_the_rule_sends_the_event_to_the_dead_letter_queue(
    deployed: Deploy,
) -> None:
    other = "arn:aws:events:us-east-1:222233334444:rule/other"
    resources = with_dead_letters(
        att("Queue"), Queue=queue(QueueName="q"), Policy=queue_policy("Queue", rule=other)
    )
    aws = deployed(Stack(resources=resources))
    aws.deliver(event())
    assert bodies(aws) == []
    [letter] = received(aws, "dead")
    attributes = {name: a["StringValue"] for name, a in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"]) == event()
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["TARGET_ARN"] == f"arn:aws:sqs:us-east-1:{HUB}:q"
    assert attributes["RULE_ARN"].startswith(f"arn:aws:events:us-east-1:{HUB}:rule/")
    assert attributes["ERROR_MESSAGE"]
    [dead] = aws.dead_letters
    assert dead.queue == "dead"
    assert dead.reason.startswith("NO_PERMISSIONS")


def test_a_target_that_is_gone_sends_the_event_to_the_dead_letter_queue(deployed: Deploy) -> None:
    gone = f"arn:aws:sqs:us-east-1:{HUB}:gone"
    aws = deployed(Stack(resources=with_dead_letters(gone)))
    aws.deliver(event())
    assert [letter.reason.partition(":")[0] for letter in aws.dead_letters] == ["NO_RESOURCE"]


def test_an_event_nothing_takes_is_reported_as_lost(deployed: Deploy) -> None:
    resources = one_queue()
    del resources["Policy"]
    aws = deployed(Stack(resources=resources))
    aws.deliver(event())
    [lost] = aws.lost_events
    assert lost.event == event()


KEY_ADMIN = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": HUB}}
KEY_EVENTS = {
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
    "Resource": "*",
    "Principal": {"Service": "events.amazonaws.com"},
}


@pytest.mark.parametrize(("statements", "arrives"), [([KEY_ADMIN], 0), ([KEY_ADMIN, KEY_EVENTS], 1)])
def test_an_encrypted_queue_needs_a_key_that_admits_eventbridge(
    deployed: Deploy, statements: list[Any], arrives: int
) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": statements}}}
    resources = one_queue() | {"Key": key, "Queue": queue(QueueName="q", KmsMasterKeyId=att("Key"))}
    aws = deployed(Stack(resources=resources))
    aws.deliver(event())
    assert len(bodies(aws)) == arrives


BUS_ARN = f"arn:aws:events:eu-west-1:{HUB}:event-bus/central"


def hub_stack(*statements: Any) -> Stack:
    named = [{**statement, "Sid": f"S{number}"} for number, statement in enumerate(statements)]
    policy = {"Policy": {"Version": "2012-10-17", "Statement": named}} if named else {}
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "central", **policy}}
    resources = one_queue(EventBusName={"Ref": "Bus"}) | {"Bus": bus}
    return Stack(name="Hub", account=HUB, region="eu-west-1", resources=resources)


def from_organization(only: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": BUS_ARN,
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID},
            "ForAllValues:StringEquals": only or {},
        },
    }


def sender(account: str = MEMBER, *, sending_role: Any = None, target: str = BUS_ARN) -> Stack:
    target_role = sending_role or role("events.amazonaws.com", allow("events:PutEvents", target))
    resources = with_dead_letters(target) | {"Role": target_role}
    resources["Rule"]["Properties"]["Targets"][0]["RoleArn"] = att("Role")
    return Stack(name=f"Sender{account}", account=account, resources=resources)


def test_an_event_crosses_accounts_and_regions_unchanged(deployed: Deploy) -> None:
    aws = deployed(hub_stack(from_organization()), sender())
    aws.deliver(event(account=MEMBER))
    assert bodies(aws, region="eu-west-1") == [event(account=MEMBER)]
    assert aws.dead_letters == []


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [from_organization(only={"events:source": "another"})],
        [from_organization(only={"events:detail-type": "Another"})],
        [{**from_organization(), "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-else"}}}],
        [from_organization(), {**from_organization(), "Effect": "Deny"}],
    ],
)
def test_a_bus_takes_only_what_its_policy_admits(deployed: Deploy, statements: list[Any]) -> None:
    aws = deployed(hub_stack(*statements), sender())
    aws.deliver(event(account=MEMBER))
    assert bodies(aws, region="eu-west-1") == []
    assert [letter.reason.partition(":")[0] for letter in aws.dead_letters] == ["NO_PERMISSIONS"]


def test_an_account_outside_the_organization_is_not_admitted(deployed: Deploy) -> None:
    stranger = "999999999999"
    aws = deployed(hub_stack(from_organization()), sender(stranger))
    aws.deliver(event(account=stranger))
    assert bodies(aws, region="eu-west-1") == []


@pytest.mark.parametrize(
    ("sending_role", "code"),
    [
        (role("events.amazonaws.com", allow("events:PutEvents", "arn:aws:events:::else")), "NO_PERMISSIONS"),
        (role("events.amazonaws.com"), "NO_PERMISSIONS"),
        (role("lambda.amazonaws.com", allow("events:PutEvents", BUS_ARN)), "FAILED_TO_ASSUME_ROLE"),
    ],
)
def test_the_sending_role_must_be_right(deployed: Deploy, sending_role: Any, code: str) -> None:
    aws = deployed(hub_stack(from_organization()), sender(sending_role=sending_role))
    aws.deliver(event(account=MEMBER))
    assert [letter.reason.partition(":")[0] for letter in aws.dead_letters] == [code]


def test_a_received_event_is_not_forwarded_to_a_third_account(deployed: Deploy) -> None:
    first = f"arn:aws:events:us-east-1:{MANAGEMENT}:event-bus/default"
    aws = deployed(hub_stack(from_organization()), sender(MANAGEMENT), sender(target=first))
    statement = {**from_organization(), "Resource": first, "Sid": "open"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("events", account=MANAGEMENT).put_permission(EventBusName="default", Policy=policy)
    aws.deliver(event(account=MEMBER))
    assert bodies(aws, region="eu-west-1") == []
    [letter] = aws.dead_letters
    assert letter.reason.startswith("THIRD_ACCOUNT_HOP_DETECTED")
    aws.deliver(event(account=MANAGEMENT))
    assert bodies(aws, region="eu-west-1") == [event(account=MANAGEMENT)]


def test_nobody_can_put_events_of_aws(deployed: Deploy) -> None:
    aws = deployed(Stack(resources=one_queue()))
    entry = {"Source": "aws.iam", "DetailType": "Forged", "Detail": "{}"}
    answer = aws.client("events", account=HUB).put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert bodies(aws) == []


def test_put_events_starts_rules_with_account_region_and_time_of_the_bus(deployed: Deploy) -> None:
    aws = deployed(Stack(resources=one_queue()))
    entry = {"Source": "test", "DetailType": "Own", "Detail": '{"a": 1}', "Resources": ["r"]}
    answer = aws.client("events", account=HUB).put_events(Entries=[entry])
    [body] = bodies(aws)
    assert body == {
        "version": "0",
        "id": answer["Entries"][0]["EventId"],
        "detail-type": "Own",
        "source": "test",
        "account": HUB,
        "time": "2026-06-01T12:00:00Z",
        "region": "us-east-1",
        "resources": ["r"],
        "detail": {"a": 1},
    }


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ([], "JSON object"),
        ({"source": "x"}, "'detail-type'"),
        (event(detail="text"), "takes an object"),
        ({**event(), "account": 1}, "takes text"),
        (event(region="nowhere"), "Region 'nowhere'"),
    ],
)
def test_what_is_no_event_is_refused(deployed: Deploy, broken: Any, says: str) -> None:
    aws = deployed(Stack(resources={}))
    with pytest.raises(MalformedEventError, match=says):
        aws.deliver(broken)
