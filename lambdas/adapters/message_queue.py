"""A function's SQS queue: one failing message touches no other, and retries wait ever longer.

A message that could not end before the invocation does is not begun. It goes back to the queue at once, and
what came back most often is begun first: a slow message never takes its neighbours to the dead letters.
"""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.base import FailureResponse
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.adapters.deadline import DEADLINE
from lambdas.domain.claims import AlreadyDone, RetryLater
from lambdas.domain.delivery import COLLECTED_FROM
from lambdas.domain.event_fields import MalformedEvent
from lambdas.observability import logger
from lambdas.settings import QueueSettings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_FIRST_DELAY = 30
_LONGEST_DELAY = 900
# What is left of the time below which no further message is begun: a prompt call that hangs takes that long.
_TO_BEGIN = 15.0

Handle = Callable[[str, int, bool], None]
ExceptionInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def retry_delay(attempt: int) -> int:
    """Return how many seconds to wait after an attempt (from 1): 30, 60, 120 … up to 15 minutes."""
    return int(min(_FIRST_DELAY * 2 ** (attempt - 1), _LONGEST_DELAY))


class NotBegun(Exception):
    """When too little time is left for a message; the next invocation begins it."""


class QueueProcessor(BatchProcessor):
    """Powertools' partial batches, plus the wait before the next attempt."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        self._sqs = sqs
        self._queue_url = queue_url

    def failure_handler(self, record: Any, exception: ExceptionInfo) -> FailureResponse:
        """Log why a message failed and put it off; one that nobody can read is not worth waiting for."""
        attempt = _attempt(record)
        error = exception[1]
        delay = 0 if isinstance(error, MalformedEvent | NotBegun) else retry_delay(attempt)
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

    def _put_off(self, record: SQSRecord, delay: int) -> None:
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url,
                ReceiptHandle=record.receipt_handle,
                VisibilityTimeout=delay,
            )
        except (ClientError, BotoCoreError):
            # Without it the message comes back after the queue's own visibility timeout.
            logger.warning("the message could not be put off", exc_info=True)


def _is_collected(record: SQSRecord) -> bool:
    return COLLECTED_FROM in (record.get("messageAttributes") or {})


def _attempt(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count or "1")


def process_messages(
    event: dict[str, Any],
    context: LambdaContext,
    *,
    handle: Handle,
    handle_collected: Handle | None = None,
    sqs: "SQSClient",
    settings: QueueSettings,
) -> PartialItemFailureResponse:
    """Give handle each message's body, attempt (from 1) and whether it is the last; report the failed.

    A message whose handle raises is tried again, and after the queue's last attempt SQS moves it to
    the dead-letter queue. AlreadyDone is a duplicate: logged, and done. Events brought in from an account's
    own queue go to handle_collected, where there is one.
    """
    DEADLINE.begin(context)
    begun = 0

    def one(record: SQSRecord) -> None:
        nonlocal begun
        left = DEADLINE.seconds_left()
        # The first is begun in any case: no later invocation could have more time for it.
        if begun and left < _TO_BEGIN:
            raise NotBegun(f"{left:.0f} s are left, and a message may take {_TO_BEGIN:.0f} s")
        begun += 1
        attempt = _attempt(record)
        chosen = handle_collected if handle_collected and _is_collected(record) else handle
        try:
            chosen(record.body, attempt, attempt >= settings.max_receive_count)
        except AlreadyDone as duplicate:
            logger.info("message skipped", reason="duplicate", why=str(duplicate))

    often_first = sorted(event["Records"], key=lambda found: -_attempt(SQSRecord(found)))
    return process_partial_response(
        event={**event, "Records": often_first},
        record_handler=one,
        processor=QueueProcessor(sqs, settings.queue_url),
        context=context,
    )
