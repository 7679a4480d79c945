"""A function's queue: partial batches, growing waits, and nothing lost."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from rootwarden.aws import clients
from rootwarden.aws.function import Context, QueueMessage, process_messages, retry_delay
from rootwarden.aws.root_activity import RootActivity
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.functions import COLLECTED_FROM
from rootwarden.contract.settings import QueueSettings
from rootwarden.events import MalformedEvent
from tests.unit.invocations import batch, context, failed
from tests.unit.log_lines import LogLines

QUEUE = "https://sqs.us-east-1.amazonaws.com/222233334444/queue"
SETTINGS = QueueSettings(state_table_name="state", queue_url=QUEUE, max_receive_count=5)


class Queue:
    """The part of SQS that a failing message needs. error: what SQS answers instead."""

    def __init__(self, error: Exception | None = None) -> None:
        self.delays: dict[str, int] = {}
        self.held: list[dict[str, int]] = []
        self._error = error

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803 - SQS's names
        assert QueueUrl == QUEUE
        if self._error:
            raise self._error
        self.delays[ReceiptHandle] = VisibilityTimeout

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:  # noqa: N803 - SQS's names
        assert QueueUrl == QUEUE
        if self._error:
            raise self._error
        self.held.append({entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in Entries})


def process(
    event: dict[str, Any],
    handle: Callable[[QueueMessage], None],
    queue: Any = None,
    invocation: Context | None = None,
    comes_first: Callable[[str], bool] = lambda _body: False,
) -> list[int]:
    with patch.object(clients, "sqs_putting_off", return_value=queue or Queue()):
        response = process_messages(
            event, invocation or context(), handle=handle, comes_first=comes_first, settings=SETTINGS
        )
    return failed(response)


def raising(error: Exception) -> Callable[[QueueMessage], None]:
    def handle(_message: QueueMessage) -> None:
        raise error

    return handle


def test_each_message_is_handled_with_its_attempt_and_where_it_comes_from() -> None:
    seen: list[QueueMessage] = []
    event = batch("a", "b", attempt=5)
    event["Records"][1]["messageAttributes"] = {COLLECTED_FROM: {"stringValue": "444455556666/us-east-1"}}

    process(batch("c", attempt=4), seen.append)
    process(event, seen.append)

    assert seen == [
        QueueMessage("c", attempt=4, is_last=False, is_collected=False),
        QueueMessage("a", attempt=5, is_last=True, is_collected=False),
        QueueMessage("b", attempt=5, is_last=True, is_collected=True),
    ]


def test_one_failing_message_touches_no_other() -> None:
    handled = []

    def handle(message: QueueMessage) -> None:
        if message.body == "bad":
            raise ValueError(message.body)
        handled.append(message.body)

    assert process(batch("a", "bad", "b", "bad"), handle) == [1, 3]
    assert handled == ["a", "b"]


def test_a_batch_whose_function_dies_comes_back_right_after_its_time() -> None:
    queue = Queue()

    def die(_message: QueueMessage) -> None:
        raise KeyboardInterrupt

    for event in (batch("a", "b"), batch("alone")):
        with pytest.raises(KeyboardInterrupt):
            process(event, die, queue, context(seconds=30))

    # One that is alone keeps nobody waiting.
    assert queue.held == [{"receipt 0": 35, "receipt 1": 35}]


def test_a_batch_that_fails_whole_is_reported_not_raised() -> None:
    assert process(batch("a", "b"), raising(ValueError("no"))) == [0, 1]


def test_what_would_not_end_in_time_is_handed_back_at_once(log: LogLines) -> None:
    now, queue, begun = [0.0], Queue(), []

    def slow(message: QueueMessage) -> None:
        begun.append(message.body)
        now[0] += 8

    again = process(batch(*"abcde"), slow, queue, context(seconds=30, clock=lambda: now[0]))

    assert (begun, again) == (["a", "b"], [2, 3, 4])
    assert queue.delays == dict.fromkeys(["receipt 2", "receipt 3", "receipt 4"], 0)
    assert len(log.of("message handed back")) == 3


def test_what_others_of_a_batch_wait_for_is_begun_before_them() -> None:
    begun: list[str] = []
    event = batch("record", '{"detail-type":"Root Sessions Not Recorded"}', attempt=1)
    event["Records"] += batch("back", attempt=3)["Records"]

    def handle(message: QueueMessage) -> None:
        begun.append(message.body)

    process(event, handle, comes_first=RootActivity.comes_first)

    assert begun == ['{"detail-type":"Root Sessions Not Recorded"}', "back", "record"]


def test_what_was_handed_back_is_begun_first() -> None:
    begun: list[str] = []
    event = batch("new", "newer")
    event["Records"] += batch("back", attempt=3)["Records"] + batch("back again", attempt=4)["Records"]

    process(event, lambda message: begun.append(message.body))

    assert begun == ["back again", "back", "new", "newer"]


def test_the_only_message_is_begun_however_little_time_is_left() -> None:
    assert process(batch("a"), raising(AlreadyDone("a")), invocation=context(seconds=1)) == []


def test_a_duplicate_is_done(log: LogLines) -> None:
    assert process(batch("a"), raising(AlreadyDone("a was done before"))) == []
    assert log.whys("message skipped") == ["a was done before"]


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 30), (2, 60), (3, 120), (4, 240)])
def test_waits_grow(attempt: int, seconds: int) -> None:
    queue = Queue()

    process(batch("a", attempt=attempt), raising(RetryLater("not yet")), queue)

    assert queue.delays == {"receipt 0": seconds}
    assert retry_delay(attempt) == seconds


@pytest.mark.parametrize(("attempt", "seconds"), [(5, 480), (6, 900), (40, 900)])
def test_no_wait_is_longer_than_a_quarter_of_an_hour(attempt: int, seconds: int) -> None:
    assert retry_delay(attempt) == seconds


@pytest.mark.parametrize("error", [RetryLater("not yet"), ValueError("no")], ids=["put off", "failed"])
def test_what_was_tried_for_the_last_time_is_a_dead_letter_at_once(error: Exception) -> None:
    queue = Queue()

    assert process(batch("a", attempt=5), raising(error), queue) == [0]
    assert queue.delays == {"receipt 0": 0}


def test_what_nobody_can_read_does_not_wait_and_names_the_field(log: LogLines) -> None:
    queue = Queue()

    assert process(batch("a"), raising(MalformedEvent("detail.eventName", "a text", None)), queue) == [0]
    assert queue.delays == {"receipt 0": 0}
    assert log.whys("message failed") == ["detail.eventName takes a text, found nothing"]


def test_putting_off_is_no_error(log: LogLines) -> None:
    process(batch("a"), raising(RetryLater("not yet")))

    assert log.whys("message put off") == ["not yet"]
    assert not log.of("message failed")


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ReceiptHandleIsInvalid", "Message": ""}}, "ChangeMessageVisibility"),
        EndpointConnectionError(endpoint_url=QUEUE),
    ],
    ids=["refused", "unreachable"],
)
def test_a_message_that_cannot_be_put_off_comes_back_by_itself(error: Exception, log: LogLines) -> None:
    queue = Queue(error)

    assert process(batch("a", "b"), raising(ValueError("no")), queue) == [0, 1]
    assert len(log.of("the message could not be put off")) == 2


def test_the_real_client_takes_the_call() -> None:
    client = boto3.client("sqs")
    with Stubber(client) as stub:
        sent = {"QueueUrl": QUEUE, "ReceiptHandle": "receipt 0", "VisibilityTimeout": 30}
        stub.add_response("change_message_visibility", {}, sent)

        assert process(batch("a"), raising(ValueError("no")), client) == [0]
        stub.assert_no_pending_responses()
