"""What waits in the dead-letter queues, looked at without taking anything away."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from lambdas.adapters.refusals import refusals
from lambdas.adapters.state_table import from_epoch
from lambdas.domain.envelope import Envelope
from lambdas.domain.event_fields import MalformedEvent
from rootctl.queues import FunctionQueues, waiting

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_LOOKED_AT = 10


class Kind(StrEnum):
    """How messages came to be dead letters."""

    GIVEN_UP = "given up"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message. what: the event in it. why: EventBridge's own word, or how often its function failed."""

    message_id: str
    what: str
    why: str
    age: timedelta

    @classmethod
    def read(cls, message: Mapping[str, Any], at: datetime) -> Self:
        """Read what SQS hands out, whoever wrote it."""
        attributes = message.get("Attributes", {})
        return cls(
            message_id=message["MessageId"],
            what=_what(message["Body"]),
            why=_why(message.get("MessageAttributes", {}), attributes.get("ApproximateReceiveCount", "?")),
            age=at - from_epoch(int(attributes.get("SentTimestamp", "0")) // 1000),
        )


@dataclass(frozen=True, kw_only=True)
class Pile:
    """A dead-letter queue that is not empty. letters: at most ten of its messages; goes_to: their home."""

    function: str
    kind: Kind
    queue: str
    goes_to: str
    count: int
    letters: tuple[Letter, ...]


def piles(client: "SQSClient", every: Iterable[FunctionQueues], at: datetime) -> Iterator[Pile]:
    """Look into every dead-letter queue; raises CallRefused."""
    for queues in every:
        for kind, url in ((Kind.GIVEN_UP, queues.dead_letters), (Kind.UNDELIVERED, queues.undelivered)):
            count = waiting(client, url)
            if count:
                yield Pile(
                    function=queues.function,
                    kind=kind,
                    queue=url,
                    goes_to=queues.queue,
                    count=count,
                    letters=tuple(Letter.read(message, at) for message in _some(client, url)),
                )


def _some(client: "SQSClient", url: str) -> list[Mapping[str, Any]]:
    # Nobody is kept from the messages meanwhile; a wait makes SQS ask all of its servers.
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


def _what(body: str) -> str:
    try:
        event = Envelope.from_json(body)
    except MalformedEvent as malformed:
        return f"no event: {malformed}"
    name = event.detail.optional_text("eventName") or event.detail_type
    account = event.detail.optional_text("account", "id") or event.account_id
    return f"{name} of {account}, {event.time:%Y-%m-%d %H:%M:%S} UTC"


def _why(attributes: Mapping[str, Any], received: str) -> str:
    told = [attributes.get(name, {}).get("StringValue") for name in ("ERROR_CODE", "ERROR_MESSAGE")]
    if any(told):
        return ": ".join(word for word in told if word)
    return f"its function failed at every attempt (received {received} times); its log says why"
