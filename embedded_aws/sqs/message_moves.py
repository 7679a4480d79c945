"""SQS's way out of a dead-letter queue: message move tasks, which moto does not have."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.sqs.models import Message, Queue, sqs_backends

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.clock import Clock
from embedded_aws.moto_patches import patched
from embedded_aws.sqs.resources import put, queue_at

_NO_SOURCE = "CouldNotDetermineMessageSource"


class MessageMoves:
    """Every task so far; each is done at once, so none is ever running."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self._clock = clock
        self._tasks: list[dict[str, Any]] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let messages remember which queues they were in, for as long as the context lasts."""

        def add_message(queue: Queue, message: Message) -> None:
            vars(message).setdefault("been_in", []).append(queue.queue_arn)
            original(queue, message)

        with patched(Queue, "add_message", add_message) as original:
            yield

    def answer(self, call: Call) -> dict[str, Any] | None:
        """Answer or refuse a call about tasks; None when it is not one."""
        answerer = self._OPERATIONS.get(call.operation)
        return answerer(self, call.parameters) if answerer else None

    def _start(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        source = _queue(parameters, "SourceArn")
        sources = _sources_of(source)
        if not sources:
            message = "Source queue must be configured as a Dead Letter Queue."
            raise CallRefusedError("InvalidParameterValue", message)
        target = _queue(parameters, "DestinationArn") if "DestinationArn" in parameters else None
        letters = list(source.messages)
        moved = [_moved(letter, source, target or _origin(letter, sources)) for letter in letters]
        failure = {} if all(moved) else {"FailureReason": _NO_SOURCE}
        self._tasks.append(
            {
                "Status": "FAILED" if failure else "COMPLETED",
                "ApproximateNumberOfMessagesMoved": sum(moved),
                "ApproximateNumberOfMessagesToMove": len(letters),
                "StartedTimestamp": self._started(),
                **parameters,
                **failure,
            }
        )
        return {"TaskHandle": uuid.uuid4().hex}

    def _started(self) -> int:
        """Return the time in milliseconds, different for every task also where the clock stands still."""
        last = self._tasks[-1]["StartedTimestamp"] if self._tasks else 0
        return max(int(self._clock.now().timestamp() * 1000), last + 1)

    def _list(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        source = _queue(parameters, "SourceArn").queue_arn
        newest_first = [task for task in reversed(self._tasks) if task["SourceArn"] == source]
        return {"Results": newest_first[: parameters.get("MaxResults", 1)]}

    _OPERATIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
        "ListMessageMoveTasks": _list,
        "StartMessageMoveTask": _start,
    }


def _queue(parameters: Mapping[str, Any], name: str) -> Queue:
    queue = queue_at(parameters[name])
    if queue is None:
        message = f"The resource that you specified for the {name} parameter doesn't exist."
        raise CallRefusedError("ResourceNotFoundException", message, 404)
    return queue


def _sources_of(dead_letters: Queue) -> dict[str, Queue]:
    queues = sqs_backends[dead_letters.account_id][dead_letters.region].queues.values()
    return {queue.queue_arn: queue for queue in queues if queue.dead_letter_queue is dead_letters}


def _origin(letter: Message, sources: Mapping[str, Queue]) -> Queue | None:
    """Return the queue a message died in; None when it was sent to the dead-letter queue itself."""
    been_in = reversed(vars(letter)["been_in"])
    return next((sources[arn] for arn in been_in if arn in sources), None)


def _moved(letter: Message, source: Queue, target: Queue | None) -> bool:
    if target is None:
        return False
    # It begins a new life: a new id, and not received yet.
    put(target, letter.body, letter.message_attributes)
    source._messages.remove(letter)  # noqa: SLF001 # moto deletes by receipts only
    return True
