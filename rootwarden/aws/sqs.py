"""Amazon SQS: messages handled one by one, failed ones put off; reminders sent to a function's own queue."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
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

from rootwarden.accounts import AccountId
from rootwarden.activity.bursts import Burst, BurstReference
from rootwarden.activity.outcomes import Actor
from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE, logger
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.detail_types import ROOT_ACTIVITY_BURST_ENDED
from rootwarden.contract.functions import Caller, caller_of
from rootwarden.contract.settings import QueueSettings
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.messages.delivery import COLLECTED_FROM
from rootwarden.outcomes import SOURCE, AccountReference, iso

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef


_FIRST_DELAY = 30
_LONGEST_DELAY = 900
# How long after its function's end a batch comes back whose function died, in seconds.
_AFTER_THE_END = 5
# What is left of the time below which no further message is begun: a prompt call that hangs takes that long.
_TO_BEGIN = 15.0

Event = dict[str, Any]
Context = LambdaContext
BatchAnswer = PartialItemFailureResponse
Handle = Callable[[str, int, bool], None]
ExceptionInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def retry_delay(attempt: int) -> int:
    """Return how many seconds to wait after an attempt (from 1): 30, 60, 120 … up to 15 minutes."""
    return int(min(_FIRST_DELAY * 2 ** (attempt - 1), _LONGEST_DELAY))


class NotByQueue(Exception):
    """When somebody else than a queue's event source mapping hands over messages."""


class NotBegun(Exception):
    """When too little time is left for a message; the next invocation begins it."""


class QueueProcessor(BatchProcessor):
    """Powertools' partial batches, plus the wait before the next attempt."""

    def __init__(self, sqs: "SQSClient", queue_urls: Iterable[str]) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        self._sqs = sqs
        self._queue_urls = {url.rpartition("/")[2]: url for url in queue_urls}
        # A queue that did not answer once is not waited for again: messages have better use for the time.
        self._is_silent = False

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


def process_messages(  # noqa: PLR0913 - what makes one function differ from the next
    event: Event,
    context: Context,
    *,
    handle: Handle,
    handle_collected: Handle | None = None,
    comes_first: Callable[[str], bool] = lambda _body: False,
    sqs: "SQSClient | None" = None,
    settings: QueueSettings,
    more_queue_urls: Sequence[str] = (),
) -> BatchAnswer:
    """Give handle each message's body, attempt (from 1) and whether it is the last; report the failed.

    A message whose handle raises is tried again, and after the queue's last attempt SQS moves it to
    the dead-letter queue. AlreadyDone is a duplicate: logged, and done. Events brought in from an account's
    own queue go to handle_collected, where there is one. comes_first: whether what a body says may be what
    others of its batch wait for. more_queue_urls: of queues that messages come from
    besides the function's own. Raises NotByQueue.
    """
    DEADLINE.begin(context)
    if caller_of(context.invoked_function_arn) is not Caller.QUEUE:
        raise NotByQueue("messages are taken from the function's queues only, by its alias queue")
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

    often_first = sorted(
        event["Records"],
        key=lambda found: (not comes_first(str(found.get("body"))), -_attempt(SQSRecord(found))),
    )
    processor = QueueProcessor(sqs or clients.sqs_putting_off(), [settings.queue_url, *more_queue_urls])
    if len(often_first) > 1:
        processor.hold([SQSRecord(found) for found in often_first])
    return process_partial_response(
        event={**event, "Records": often_first}, record_handler=one, processor=processor, context=context
    )


@dataclass(frozen=True)
class BurstReminders:
    """Sends reminders to one queue."""

    client: "SQSClient"
    queue_url: str
    hub_account_id: AccountId
    clock: Callable[[], datetime]

    def remind(self, reference: BurstReference, burst: Burst) -> None:
        """Have the queue deliver the reference when the burst has ended."""
        wait = ceil((burst.ends_at - self.clock()).total_seconds())
        body = {
            "id": f"{reference.key}#{iso(burst.opened_at)}",
            "source": SOURCE,
            "detail-type": ROOT_ACTIVITY_BURST_ENDED,
            "account": self.hub_account_id,
            "region": self.client.meta.region_name,
            "time": iso(self.clock()),
            "detail": {
                "account": reference.account.to_detail(),
                "actor": reference.actor.to_detail() if reference.actor else None,
                "sourceIp": reference.source_ip,
                "incident": reference.incident,
                "openedAt": iso(burst.opened_at),
            },
        }
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=json.dumps(body),
            DelaySeconds=max(0, min(wait, _LONGEST_DELAY)),
        )


def read_reminder(detail: Fields) -> tuple[BurstReference, datetime]:
    """Read whose burst has ended and when it was opened; raises MalformedEvent."""
    actor = detail.optional_object("actor")
    reference = BurstReference(
        account=AccountReference.from_detail(detail.object("account")),
        actor=Actor.from_detail(actor) if actor else None,
        source_ip=detail.optional_text("sourceIp"),
        incident=detail.optional_text("incident"),
    )
    return reference, detail.time("openedAt")
