import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.environment import EmbeddedAws
from embedded_aws.sqs.queues import NotIdleError
from tests.embedded_aws.templates import HUB, Stack, allow, att, function, queue, role

Deploy = Callable[..., EmbeddedAws]
POLL = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])

HANDLER = """
import json, os
seen = []
def handler(event, context):
    bodies = [json.loads(record["body"]) for record in event["Records"]]
    print(json.dumps({"bodies": bodies, "counts": [
        int(r["attributes"]["ApproximateReceiveCount"]) for r in event["Records"]]}))
    if any(body.get("crash") for body in bodies):
        raise RuntimeError("crashed")
    failures = [r["messageId"] for r, b in zip(event["Records"], bodies) if b.get("fail")]
    if any(body.get("nonsense") for body in bodies):
        failures.append("no-such-message")
    return {"batchItemFailures": [{"itemIdentifier": f} for f in failures]}
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "queue_worker.py").write_text(HANDLER)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "queue_worker.handler"


def stack(
    handler: str,
    *,
    batch_size: int = 10,
    responses: bool = True,
    polls: Any = POLL,
    visibility: int = 60,
) -> Stack:
    mapping = {
        "EventSourceArn": att("Queue"),
        "FunctionName": {"Ref": "Function"},
        "BatchSize": batch_size,
        **({"FunctionResponseTypes": ["ReportBatchItemFailures"]} if responses else {}),
    }
    redrive = {"deadLetterTargetArn": att("Dead"), "maxReceiveCount": 3}
    return Stack(
        resources={
            "Dead": queue(QueueName="dead"),
            "Queue": queue(QueueName="q", VisibilityTimeout=visibility, RedrivePolicy=redrive),
            "Role": role("lambda.amazonaws.com", polls),
            "Function": function(handler, Timeout=10),
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
        }
    )


def send(aws: EmbeddedAws, *bodies: dict[str, Any], delay: int = 0) -> None:
    sqs = aws.client("sqs", account=HUB)
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body), DelaySeconds=delay)


def batches(aws: EmbeddedAws) -> list[list[Any]]:
    return [line["bodies"] for line in aws.logs if "bodies" in line]


def test_messages_come_in_batches_and_are_gone_when_done(deployed: Deploy, worker: str) -> None:
    aws = deployed(stack(worker, batch_size=2))
    send(aws, {"n": 1}, {"n": 2}, {"n": 3})
    assert batches(aws) == []
    aws.run_until_idle()
    assert batches(aws) == [[{"n": 1}, {"n": 2}], [{"n": 3}]]
    aws.run_until_idle()
    assert len(batches(aws)) == 2


def test_only_reported_messages_come_again_after_the_visibility_timeout(
    deployed: Deploy, worker: str
) -> None:
    aws = deployed(stack(worker))
    began = aws.clock.now()
    send(aws, {"n": 1}, {"n": 2, "fail": True})
    aws.run_until_idle()
    again = [{"n": 2, "fail": True}]
    assert batches(aws)[1:] == [again, again]
    assert [line["counts"] for line in aws.logs if "counts" in line] == [[1, 1], [2], [3]]
    assert timedelta(seconds=180) <= aws.clock.now() - began < timedelta(seconds=190)
    [letter] = aws.dead_letters
    assert (letter.queue, json.loads(letter.body)) == ("dead", {"n": 2, "fail": True})
    assert letter.reason == "received 3 times; the function reported the message as failed"


@pytest.mark.parametrize(
    ("body", "responses"),
    [({"crash": True}, True), ({"nonsense": True}, True), ({"crash": True}, False)],
)
def test_a_failed_or_senseless_answer_fails_the_whole_batch(
    deployed: Deploy, worker: str, body: dict[str, Any], *, responses: bool
) -> None:
    aws = deployed(stack(worker, responses=responses))
    send(aws, {"n": 1}, body)
    aws.run_until_idle()
    assert len(batches(aws)) == 3
    assert len(aws.dead_letters) == 2


def test_without_partial_responses_an_answer_means_success(deployed: Deploy, worker: str) -> None:
    aws = deployed(stack(worker, responses=False))
    send(aws, {"fail": True})
    aws.run_until_idle()
    assert len(batches(aws)) == 1
    assert aws.dead_letters == []


def test_a_dead_letter_s_reason_is_the_last_error(deployed: Deploy, worker: str) -> None:
    aws = deployed(stack(worker))
    send(aws, {"crash": True})
    aws.run_until_idle()
    assert aws.dead_letters[0].reason == "received 3 times; RuntimeError: crashed"


def test_time_passes_over_a_delay(deployed: Deploy, worker: str) -> None:
    aws = deployed(stack(worker))
    began = aws.clock.now()
    send(aws, {"n": 1}, delay=600)
    aws.run_until_idle()
    assert len(batches(aws)) == 1
    assert aws.clock.now() - began >= timedelta(seconds=600)


def test_work_that_never_ends_is_an_error_that_names_the_queue(deployed: Deploy, worker: str) -> None:
    aws = deployed(stack(worker, visibility=12 * 3600))
    send(aws, {"fail": True})
    with pytest.raises(NotIdleError, match="queue q still holds messages"):
        aws.run_until_idle()


def test_a_role_that_may_not_poll_fails_the_deployment(deployed: Deploy, worker: str) -> None:
    with pytest.raises(DeploymentError, match="permissions to call ReceiveMessage on SQS"):
        deployed(stack(worker, polls=allow("sqs:SendMessage")))


def test_a_visibility_timeout_below_the_function_s_timeout_fails_the_deployment(
    deployed: Deploy, worker: str
) -> None:
    with pytest.raises(DeploymentError, match="less than Function timeout: 10 seconds"):
        deployed(stack(worker, visibility=5))
