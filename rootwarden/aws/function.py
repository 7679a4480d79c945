"""What every function does around its own work: settings read once, log, deadline, metrics, its messages.

Messages are handled one by one, and failed ones put off. The logger and the one way to metrics are named by
POWERTOOLS_SERVICE_NAME and _METRICS_NAMESPACE.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import ceil
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.base import FailureResponse
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE, logger
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.functions import COLLECTED_FROM, Caller, caller_of
from rootwarden.contract.settings import QueueSettings
from rootwarden.events import MalformedEvent
from rootwarden.requests import Answer, RefusalCode, refused

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef

__all__ = [
    "Answer",
    "BatchAnswer",
    "Caller",
    "Context",
    "Event",
    "MetricUnit",
    "QueueMessage",
    "count_failed_look",
    "entry_point",
    "entry_point_for",
    "logger",
    "made_once",
    "not_by_alias",
    "process_messages",
    "put_metric",
]

Event = dict[str, Any]
Context = LambdaContext
BatchAnswer = PartialItemFailureResponse
Returned = TypeVar("Returned")
Made = TypeVar("Made")

Answering = Callable[[Event, Caller], Answer]
EntryPoint = Callable[[Event, Context], Answer]
ExceptionInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

_FIRST_DELAY = 30
_LONGEST_DELAY = 900
# A batch whose function died is visible again so many seconds after the function's time limit.
_AFTER_THE_END = 5
# With fewer seconds left no further message is begun: a prompt call that hangs takes that long.
_TO_BEGIN = 15.0


def entry_point(handle: Callable[[Event], Returned]) -> Callable[[Event, Context], Returned]:
    """Make what Lambda calls of what handles an event."""

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Event, context: Context) -> Returned:
        DEADLINE.begin(context)
        return handle(event)

    handler.__doc__ = handle.__doc__
    return handler


def entry_point_for(*callers: Caller) -> Callable[[Answering], EntryPoint]:
    """Make what Lambda calls of what answers these callers, each by its own alias; any other is refused."""

    def decorate(answer: Answering) -> EntryPoint:
        @logger.inject_lambda_context(clear_state=True)
        def handler(event: Event, context: Context) -> Answer:
            DEADLINE.begin(context)
            caller = caller_of(context.invoked_function_arn)
            return answer(event, caller) if caller in callers else not_by_alias(*callers)

        handler.__doc__ = answer.__doc__
        return handler

    return decorate


def not_by_alias(*callers: Caller) -> Answer:
    """Return the answer to who invoked a function by none of the aliases of these callers."""
    text = f"this function answers by its aliases only: {', '.join(callers)}"
    return refused(RefusalCode.NOT_BY_ALIAS, text)


def made_once(make: Callable[[Mapping[str, str]], Made]) -> "_lru_cache_wrapper[Made]":
    """Make something of the environment when it is first asked for, and keep it for the function's life."""
    return cache(partial(make, os.environ))


def put_metric(
    name: str, value: float = 1, *, unit: MetricUnit = MetricUnit.Count, **dimensions: str
) -> None:
    """Write a CloudWatch metric into the log, in the embedded format, with the service as a dimension."""
    with single_metric(name=name, unit=unit, value=value) as metric:
        for dimension, given in dimensions.items():
            metric.add_dimension(dimension, given)


def count_failed_look(answer: Answer) -> None:
    """Count a look that AWS refused: the next one makes up for it, and where it does not, an alarm rings."""
    if answer["result"] == "failed":
        put_metric("LooksFailed", service="regular_look")


def retry_delay(attempt: int) -> int:
    """Return how many seconds to wait after an attempt (from 1): 30, 60, 120 … up to 15 minutes."""
    return int(min(_FIRST_DELAY * 2 ** (attempt - 1), _LONGEST_DELAY))


@dataclass(frozen=True)
class QueueMessage:
    """What a function is told of one message. attempt: from 1. is_collected: from an account's own queue."""

    body: str
    attempt: int
    is_last: bool
    is_collected: bool


class NotByQueue(Exception):
    """When somebody else than a queue's event source mapping hands over messages."""


class NotBegun(Exception):
    """When too little time is left for a message; the next invocation begins it."""


class QueueProcessor(BatchProcessor):
    """Powertools' partial batches, plus the wait before the next attempt."""

    def __init__(self, sqs: "SQSClient", queue_urls: Iterable[str], *, max_receive_count: int) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        self._max_receive_count = max_receive_count
        self._sqs = sqs
        self._queue_urls = {url.rpartition("/")[2]: url for url in queue_urls}
        # A queue that did not answer once is not waited for again: messages have better use for the time.
        self._is_silent = False

    def failure_handler(self, record: Any, exception: ExceptionInfo) -> FailureResponse:
        """Log why a message failed and put it off; what no wait could help comes back at once."""
        attempt = _attempt(record)
        error = exception[1]
        at_once = isinstance(error, MalformedEvent | NotBegun) or attempt >= self._max_receive_count
        delay = 0 if at_once else retry_delay(attempt)
        if isinstance(error, NotBegun):
            logger.warning("message handed back", why=str(error), attempt=attempt)
        elif isinstance(error, RetryLater):
            logger.info("message put off", why=str(error), attempt=attempt, delay=delay)
        else:
            logger.error(
                "message failed",
                why=str(error),
                error=type(error).__name__,
                attempt=attempt,
                message_id=record.message_id,
                exc_info=None if isinstance(error, MalformedEvent) else error,
            )
        self._put_off(record, delay)
        return super().failure_handler(record, exception)

    def hold(self, records: Sequence[SQSRecord]) -> None:
        """Have a batch come back right after this invocation's end, should it die.

        The queue's own timeout is longer, and a message would wait that long because of another.
        """
        seconds = ceil(DEADLINE.seconds_left()) + _AFTER_THE_END
        entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
            {"Id": str(number), "ReceiptHandle": record.receipt_handle, "VisibilityTimeout": seconds}
            for number, record in enumerate(records)
        ]
        try:
            self._sqs.change_message_visibility_batch(QueueUrl=self._queue_of(records[0]), Entries=entries)
        except (ClientError, BotoCoreError) as error:
            self._is_silent = isinstance(error, BotoCoreError)
            logger.warning("the batch comes back late should its function die", exc_info=True)

    def _queue_of(self, record: SQSRecord) -> str:
        return self._queue_urls[record.event_source_arn.rpartition(":")[2]]

    def _put_off(self, record: SQSRecord, delay: int) -> None:
        if self._is_silent:
            logger.warning("the message could not be put off", why="the queue did not answer before")
            return
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_of(record),
                ReceiptHandle=record.receipt_handle,
                VisibilityTimeout=delay,
            )
        except (ClientError, BotoCoreError) as error:
            self._is_silent = isinstance(error, BotoCoreError)
            # Without it the message comes back after the queue's own visibility timeout.
            logger.warning("the message could not be put off", exc_info=True)


def _is_collected(record: SQSRecord) -> bool:
    return COLLECTED_FROM in (record.get("messageAttributes") or {})


def _attempt(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count or "1")


def process_messages(
    event: Event,
    context: Context,
    *,
    handle: Callable[[QueueMessage], None],
    comes_first: Callable[[str], bool] = lambda _body: False,
    settings: QueueSettings,
    more_queue_urls: Sequence[str] = (),
) -> BatchAnswer:
    """Give handle each message; report the failed.

    A message whose handle raises is tried again, and after the queue's last attempt SQS moves it to
    the dead-letter queue. AlreadyDone is a duplicate: logged, and done. comes_first: whether what a body says
    may be what others of its batch wait for. more_queue_urls: of queues that messages come from besides the
    function's own. Raises NotByQueue.
    """
    DEADLINE.begin(context)
    if caller_of(context.invoked_function_arn) is not Caller.QUEUE:
        raise NotByQueue("messages are taken from the function's queues only, by its alias queue")
    # What came back most often first: the last of a batch may not be begun.
    in_turn = sorted(
        event["Records"],
        key=lambda found: (not comes_first(str(found.get("body"))), -_attempt(SQSRecord(found))),
    )
    most = settings.max_receive_count
    queue_urls = [settings.queue_url, *more_queue_urls]
    processor = QueueProcessor(clients.sqs_putting_off(), queue_urls, max_receive_count=most)
    if len(in_turn) > 1:
        processor.hold([SQSRecord(found) for found in in_turn])
    return process_partial_response(
        event={**event, "Records": in_turn},
        record_handler=_while_there_is_time(handle, max_receive_count=most),
        processor=processor,
        context=context,
    )


def _while_there_is_time(
    handle: Callable[[QueueMessage], None], *, max_receive_count: int
) -> Callable[[SQSRecord], None]:
    """Return what handles a batch's messages one by one; raises NotBegun where too little time is left."""
    begun = 0

    def one(record: SQSRecord) -> None:
        nonlocal begun
        left = DEADLINE.seconds_left()
        # The first is begun in any case: no later invocation could have more time for it.
        if begun and left < _TO_BEGIN:
            raise NotBegun(f"{left:.0f} s are left, and a message may take {_TO_BEGIN:.0f} s")
        begun += 1
        attempt = _attempt(record)
        is_last, is_collected = attempt >= max_receive_count, _is_collected(record)
        try:
            handle(QueueMessage(record.body, attempt, is_last, is_collected))
        except AlreadyDone as duplicate:
            logger.info("message skipped", reason="duplicate", why=str(duplicate))

    return one
