"""Dead letters: what waits in which queue, and how it is sent back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from rootctl.aws import may_have_acted
from rootctl.queues import FunctionQueues, waiting
from rootwarden.aws.clients import refusals
from rootwarden.aws.state_table import from_epoch
from rootwarden.events import Envelope, MalformedEvent
from rootwarden.hardening.announcement import announces, read_announcement
from rootwarden.leaving import read_departure
from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef, MessageTypeDef


_LOOKED_AT = 10
_HIDDEN_SECONDS = 60
_UNDER_WAY = ("RUNNING", "CANCELLING")
# SQS runs one move of a queue at a time: another was asked for, or the same one, and its answer was lost.
_UNDER_WAY_ALREADY = ("AWS.SimpleQueueService.UnsupportedOperation", "UnsupportedOperation")
_NOT_SEEN = "SQS was asked to move them, and how far it came could not be seen: "
_GOES_ON = "; SQS was asked to move them, and goes on by itself"
_POLL_SECONDS = 2


class Kind(StrEnum):
    """How messages came to be dead letters."""

    GIVEN_UP = "given up"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """One message. event: its name and time; why: EventBridge's word, or how often its function failed."""

    message_id: str
    account: str | None
    event: str
    why: str
    age: timedelta

    @classmethod
    def read(cls, message: Mapping[str, Any], at: datetime) -> Self:
        """Read what SQS hands out, also where strangers wrote it."""
        attributes = message.get("Attributes", {})
        account, event = _account_and_event(message["Body"])
        return cls(
            message_id=message["MessageId"],
            account=account,
            event=event,
            why=_why(message.get("MessageAttributes", {})),
            age=at - from_epoch(int(attributes.get("SentTimestamp", "0")) // 1000),
        )


@dataclass(frozen=True, kw_only=True)
class DeadLetterGroup:
    """A dead-letter queue that is not empty. letters: at most ten of its messages; goes_to: their home."""

    function: str
    kind: Kind
    queue: str
    goes_to: str
    count: int
    letters: tuple[DeadLetter, ...]


def dead_letter_groups(
    client: "SQSClient", every: Iterable[FunctionQueues], at: datetime
) -> Iterator[DeadLetterGroup]:
    """Look into every dead-letter queue; raises CallRefused."""
    for queues in every:
        for kind, url in ((Kind.GIVEN_UP, queues.dead_letters), (Kind.UNDELIVERED, queues.undelivered)):
            count = waiting(client, url)
            if count:
                yield DeadLetterGroup(
                    function=queues.function,
                    kind=kind,
                    queue=url,
                    goes_to=queues.queue,
                    count=count,
                    letters=tuple(DeadLetter.read(message, at) for message in _some(client, url)),
                )


def _some(client: "SQSClient", url: str) -> list[Mapping[str, Any]]:
    # The messages stay visible to others meanwhile; a wait makes SQS ask all of its servers.
    with refusals():
        answer = client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_LOOKED_AT,
            VisibilityTimeout=0,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
    return [*answer.get("Messages", ())]


def _account_and_event(body: str) -> tuple[str | None, str]:
    """Return the account an event is about, as its function reads it, and what it is."""
    try:
        event = Envelope.from_json(body)
    except MalformedEvent as malformed:
        return None, f"no event: {malformed}"
    name = event.detail.optional_text("eventName") or event.detail_type
    return _concerned(event), f"{name}, {event.time:%Y-%m-%d %H:%M:%S} UTC"


def _concerned(event: Envelope) -> str:
    """Name the account that joined or left or that an outcome is about; else where it happened."""
    try:
        if announces(event):
            concerned = read_announcement(event, event.account_id, "").account_id
        else:
            left = read_departure(event, event.account_id)
            concerned = left.account_id if left else None
    except MalformedEvent:
        concerned = None
    return concerned or event.detail.optional_text("account", "id") or event.account_id


def _why(attributes: Mapping[str, Any]) -> str:
    said = [attributes.get(name, {}).get("StringValue") for name in ("ERROR_CODE", "ERROR_MESSAGE")]
    if any(said):
        return ": ".join(word for word in said if word)
    return "its function failed at every attempt; its log says why"


@dataclass
class Moved:
    """What became of a group so far. problem: what ended it early, None while all is ok.

    moved: known to have arrived. is_with_sqs: SQS may be moving the others meanwhile.
    """

    group: DeadLetterGroup
    moved: int = 0
    problem: str | None = None
    is_with_sqs: bool = False


@dataclass(frozen=True)
class Mover:
    """Moves groups of dead letters. advance: called for every message that is known to have arrived."""

    client: "SQSClient"
    sleep: Callable[[float], None]
    advance: Callable[[], None]

    def move(self, moved: Moved) -> None:
        """Move a group, and keep count in `moved`, also where it is interrupted."""
        try:
            if moved.group.kind is Kind.GIVEN_UP:
                self._let_sqs_move(moved)
            else:
                self._move_each(moved)
        except CallRefused as refused:
            moved.problem = f"{_NOT_SEEN if moved.is_with_sqs else ''}{refused}"
        except KeyboardInterrupt:
            moved.problem = f"interrupted{_GOES_ON if moved.is_with_sqs else ''}"
            raise

    def _let_sqs_move(self, moved: Moved) -> None:
        with refusals():
            attributes = self.client.get_queue_attributes(
                QueueUrl=moved.group.queue, AttributeNames=["QueueArn"]
            )
        arn = attributes["Attributes"]["QueueArn"]
        earlier = self._newest_task(arn)
        self._start(arn, moved)
        while moved.is_with_sqs:
            self._look(arn, moved, earlier)
            if moved.is_with_sqs:
                self.sleep(_POLL_SECONDS)

    def _start(self, arn: str, moved: Moved) -> None:
        moved.is_with_sqs = True
        try:
            with refusals():
                self.client.start_message_move_task(SourceArn=arn)
        except CallRefused as refused:
            moved.is_with_sqs = may_have_acted(refused) or refused.code in _UNDER_WAY_ALREADY
            raise

    def _newest_task(self, arn: str) -> "ListMessageMoveTasksResultEntryTypeDef":
        """Return the task that SQS lists first; an empty one where it lists none."""
        with refusals():
            tasks = self.client.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"]
        return tasks[0] if tasks else {}

    def _look(self, arn: str, moved: Moved, earlier: "ListMessageMoveTasksResultEntryTypeDef") -> None:
        task = self._newest_task(arn)
        if task.get("StartedTimestamp") == earlier.get("StartedTimestamp"):
            return  # SQS does not list the new one yet.
        for _ in range(task.get("ApproximateNumberOfMessagesMoved", 0) - moved.moved):
            self.advance()
            moved.moved += 1
        status = task.get("Status", "")
        if status not in {*_UNDER_WAY, "COMPLETED"}:
            moved.problem = f"SQS ended the move as {status}: {task.get('FailureReason', 'without a reason')}"
        moved.is_with_sqs = status in _UNDER_WAY

    def _move_each(self, moved: Moved) -> None:
        """Move one by one: a rule's dead letters are none of a queue's, and SQS does not move those."""
        while messages := self._next(moved.group.queue):
            for message in messages:
                self._move_one(moved, message)

    def _next(self, queue: str) -> "list[MessageTypeDef]":
        with refusals():
            answer = self.client.receive_message(
                QueueUrl=queue,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=1,
            )
        return answer.get("Messages", [])

    def _move_one(self, moved: Moved, message: "MessageTypeDef") -> None:
        with refusals():
            self.client.send_message(QueueUrl=moved.group.goes_to, MessageBody=message["Body"])
            # Only now: a crash in between leaves it in both queues, and the functions know duplicates.
            moved.moved += 1
            self.advance()
            self.client.delete_message(QueueUrl=moved.group.queue, ReceiptHandle=message["ReceiptHandle"])
