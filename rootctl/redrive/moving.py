"""Moving dead letters to the queue of the function they are for: never lost, at worst done twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from lambdas.domain.hardening.removal import CallRefused
from rootctl.redrive.piles import Kind, Pile

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_HIDDEN_SECONDS = 60
_UNDER_WAY = ("RUNNING", "CANCELLING")
_POLL_SECONDS = 2


@dataclass
class Moved:
    """What became of a pile so far. problem: what ended it early, None while all is well."""

    pile: Pile
    moved: int = 0
    problem: str | None = None


@dataclass(frozen=True)
class Mover:
    """Moves piles. advance: called for every message that is known to have arrived."""

    client: "SQSClient"
    sleep: Callable[[float], None]
    advance: Callable[[], None]

    def move(self, moved: Moved) -> None:
        """Move a pile, and keep count in `moved`, whatever interrupts it."""
        try:
            if moved.pile.kind is Kind.GIVEN_UP:
                self._let_sqs_move(moved)
            else:
                self._move_each(moved)
        except CallRefused as refused:
            moved.problem = str(refused)
        except KeyboardInterrupt:
            moved.problem = "interrupted; a move that SQS was asked for goes on by itself"
            raise

    def _let_sqs_move(self, moved: Moved) -> None:
        with refusals():
            attributes = self.client.get_queue_attributes(
                QueueUrl=moved.pile.queue, AttributeNames=["QueueArn"]
            )
            arn = attributes["Attributes"]["QueueArn"]
            self.client.start_message_move_task(SourceArn=arn)
        while self._is_under_way(arn, moved):
            self.sleep(_POLL_SECONDS)

    def _is_under_way(self, arn: str, moved: Moved) -> bool:
        with refusals():
            [task] = self.client.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"]
        for _ in range(task.get("ApproximateNumberOfMessagesMoved", 0) - moved.moved):
            self.advance()
            moved.moved += 1
        status = task.get("Status", "")
        if status not in {*_UNDER_WAY, "COMPLETED"}:
            moved.problem = f"SQS ended the move as {status}: {task.get('FailureReason', 'without a reason')}"
        return status in _UNDER_WAY

    def _move_each(self, moved: Moved) -> None:
        """Move one by one: a rule's dead letters are none of a queue's, and SQS does not move those."""
        while messages := self._next(moved.pile.queue):
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
            self.client.send_message(QueueUrl=moved.pile.goes_to, MessageBody=message["Body"])
            # Only now: a crash in between leaves it in both queues, and the functions know duplicates.
            moved.moved += 1
            self.advance()
            self.client.delete_message(QueueUrl=moved.pile.queue, ReceiptHandle=message["ReceiptHandle"])
