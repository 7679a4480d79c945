import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import HUB, Stack, att, queue

Deploy = Callable[..., EmbeddedAws]
NAMES = ("first", "second", "letters")


@pytest.fixture
def sqs(deployed: Deploy) -> Any:
    redrive = {"deadLetterTargetArn": att("Letters"), "maxReceiveCount": 1}
    resources = {
        "First": queue(QueueName="first", RedrivePolicy=redrive, VisibilityTimeout=0),
        "Second": queue(QueueName="second", RedrivePolicy=redrive, VisibilityTimeout=0),
        "Letters": queue(QueueName="letters"),
    }
    return deployed(Stack(resources=resources)).client("sqs", account=HUB)


def url(name: str) -> str:
    return f"https://sqs.us-east-1.amazonaws.com/{HUB}/{name}"


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{HUB}:{name}"


def let_die(sqs: Any, name: str, body: str) -> None:
    sqs.send_message(QueueUrl=url(name), MessageBody=body)
    for _ in range(2):
        sqs.receive_message(QueueUrl=url(name), VisibilityTimeout=0)


def bodies(sqs: Any, name: str) -> list[str]:
    found = sqs.receive_message(QueueUrl=url(name), MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in found.get("Messages", ())]


def last_task(sqs: Any) -> dict[str, Any]:
    [task] = sqs.list_message_move_tasks(SourceArn=arn("letters"))["Results"]
    return dict(task)


def test_messages_go_back_to_the_queues_they_died_in(sqs: Any) -> None:
    let_die(sqs, "first", "one")
    let_die(sqs, "second", "two")
    assert bodies(sqs, "letters") == ["one", "two"]
    assert sqs.start_message_move_task(SourceArn=arn("letters"))["TaskHandle"]
    assert [bodies(sqs, name) for name in NAMES] == [["one"], ["two"], []]
    task = last_task(sqs)
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 2)


def test_messages_go_where_they_are_told(sqs: Any) -> None:
    let_die(sqs, "first", "one")
    sqs.start_message_move_task(SourceArn=arn("letters"), DestinationArn=arn("second"))
    assert [bodies(sqs, name) for name in NAMES] == [[], ["one"], []]
    assert last_task(sqs)["DestinationArn"] == arn("second")


def test_what_was_sent_to_the_dead_letters_itself_has_nowhere_to_go_back_to(sqs: Any) -> None:
    sqs.send_message(QueueUrl=url("letters"), MessageBody="stray")
    let_die(sqs, "first", "one")
    sqs.start_message_move_task(SourceArn=arn("letters"))
    assert [bodies(sqs, name) for name in NAMES] == [["one"], [], ["stray"]]
    task = last_task(sqs)
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")


def test_a_message_that_was_moved_can_die_again(sqs: Any) -> None:
    let_die(sqs, "first", json.dumps({"n": 1}))
    sqs.start_message_move_task(SourceArn=arn("letters"), DestinationArn=arn("second"))
    for _ in range(2):
        sqs.receive_message(QueueUrl=url("second"), VisibilityTimeout=0)
    first = last_task(sqs)
    sqs.start_message_move_task(SourceArn=arn("letters"))
    assert bodies(sqs, "second") == ['{"n": 1}']
    assert last_task(sqs)["StartedTimestamp"] > first["StartedTimestamp"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"SourceArn": arn("first")}, "InvalidParameterValue"),
        ({"SourceArn": arn("nowhere")}, "ResourceNotFoundException"),
        ({"SourceArn": arn("letters"), "DestinationArn": arn("nowhere")}, "ResourceNotFoundException"),
    ],
)
def test_what_aws_refuses(sqs: Any, parameters: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        sqs.start_message_move_task(**parameters)
    assert refused.value.response["Error"]["Code"].endswith(code)
