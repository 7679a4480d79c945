"""Lambda's polling of SQS queues, in virtual time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.awslambda.models import (
    EventSourceMapping,
    LambdaBackend,
    LambdaFunction,
    lambda_backends,
)
from moto.core.utils import unix_time_millis
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from embedded_aws.clock import Clock, VirtualClock
from embedded_aws.lambda_.functions import Functions, Invocation, alias_in
from embedded_aws.moto_patches import every, patched

LONGEST_RUN = timedelta(hours=24)


class NotIdleError(RuntimeError):
    """When a queue still has messages after the longest run; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A queue and the function that works on it."""

    mapping: EventSourceMapping
    backend: SQSBackend
    queue: Queue
    function: LambdaFunction


class QueuePollers:
    """Hands messages to functions as event source mappings say."""

    def __init__(self, functions: Functions, clock: Clock) -> None:
        """Poll for these functions."""
        self._functions = functions
        self._clock = clock
        self.last_errors: dict[str, str] = {}

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Keep moto from invoking functions by itself, whenever a message is sent."""
        original = LambdaBackend.create_event_source_mapping

        def create(backend: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
            mapping = original(backend, spec)
            for queue in sqs_backends[backend.account_id][backend.region_name].queues.values():
                queue.lambda_event_source_mappings.pop(mapping.function_arn, None)
            return mapping

        def wait(_queue: Queue, seconds: int) -> None:
            self._clock.advance(seconds)

        with ExitStack() as stack:
            stack.enter_context(patched(LambdaBackend, "create_event_source_mapping", create))
            if isinstance(self._clock, VirtualClock):
                # Whoever asks SQS to wait for messages makes time pass; no one else could.
                stack.enter_context(patched(Queue, "wait_for_messages", wait))
            yield

    def run_until_idle(self) -> None:
        """Work until no queue with a function holds a message; time passes over waits."""
        deadline = self._clock.now() + LONGEST_RUN
        while True:
            while self.poll():
                pass
            waits = [(wait, s.queue.name) for s in _sources() for wait in _waits(s.queue)]
            if not waits:
                return
            wait, queue = min(waits)
            if self._clock.now() + timedelta(seconds=wait) > deadline:
                raise NotIdleError(
                    f"queue {queue} still holds messages after {LONGEST_RUN} of simulated time"
                )
            # SQS counts in seconds; a message that cannot be received must not hold time up.
            self._clock.advance(max(wait, 1))

    def poll(self) -> bool:
        """Hand over what is visible now, one batch for each queue; say whether there was any."""
        worked = [self.poll_one(source) for source in _sources()]
        return any(worked)

    def ready(self) -> list[Source]:
        """Return the queues that show a message now."""
        return [source for source in _sources() if _shows(source.queue)]

    def waits(self) -> list[float]:
        """Return after how many seconds each queue that shows none yet will."""
        queues = (source.queue for source in _sources() if not _shows(source.queue))
        return [min(waits) for queue in queues if (waits := _waits(queue))]

    def poll_one(self, source: Source) -> bool:
        """Hand over what a queue shows now, one batch; say whether there was any."""
        if not source.queue._messages:  # noqa: SLF001 # most polls; asking moto properly takes longer
            return False
        _drop_expired(source.queue)
        messages = source.backend.receive_message(
            source.queue.name,
            source.mapping.batch_size,
            wait_seconds_timeout=0,
            visibility_timeout=int(source.queue.attributes["VisibilityTimeout"]),
            message_attribute_names=["All"],
        )
        if not messages:
            return False
        event = {"Records": [_record(message, source.queue) for message in messages]}
        invocation = self._functions.invoke(
            source.function, event, alias=alias_in(source.mapping.function_name)
        )
        failed = _failed_ids(source.mapping, invocation, messages)
        for message in messages:
            if message.id in failed:
                reason = invocation.error or "the function reported the message as failed"
                self.last_errors[message.id] = reason
            elif _is_there(source.queue, message):
                source.queue.delete_message(str(message.receipt_handle))
        return True


def _sources() -> list[Source]:
    return [
        Source(
            mapping=mapping,
            backend=queues,
            queue=queues.get_queue(mapping.event_source_arn.split(":")[-1]),
            function=backend.get_function(mapping.function_arn),
        )
        for backend in every(lambda_backends)
        for queues in [sqs_backends[backend.account_id][backend.region_name]]
        for mapping in list(backend._event_source_mappings.values())  # noqa: SLF001 # moto has no other list
        if mapping.enabled and ":sqs:" in mapping.event_source_arn
    ]


def _failed_ids(mapping: EventSourceMapping, invocation: Invocation, messages: list[Message]) -> set[str]:
    """Which messages stay in the queue; a partial answer that makes no sense fails the batch."""
    everything = {message.id for message in messages}
    if invocation.failed:
        return everything
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    answer = invocation.payload
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not failures:
        return set()
    failed = {failure.get("itemIdentifier") for failure in failures}
    return failed if failed <= everything else everything


def _record(message: Message, queue: Queue) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        },
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def _waits(queue: Queue) -> list[float]:
    """Return after how many seconds each message of a queue can be received."""
    now = unix_time_millis()
    # moto shows a message only when its time is past, not when it has come.
    return [
        (max(message.visible_at, message.delayed_until, now) - now + 1) / 1000
        for message in queue._messages  # noqa: SLF001 # moto's own list leaves out the waiting ones
    ]


def _shows(queue: Queue) -> bool:
    messages = queue._messages  # noqa: SLF001 # moto's own list asks for time anew for each
    return any(message.visible and not message.delayed for message in messages)


def _drop_expired(queue: Queue) -> None:
    kept_for = int(queue.attributes["MessageRetentionPeriod"]) * 1000
    now = unix_time_millis()
    messages = queue._messages  # noqa: SLF001 # moto never removes a message by age
    messages[:] = [each for each in messages if int(each.sent_timestamp or 0) + kept_for > now]


def _is_there(queue: Queue, message: Message) -> bool:
    return any(kept.id == message.id for kept in queue._messages)  # noqa: SLF001 # as above
