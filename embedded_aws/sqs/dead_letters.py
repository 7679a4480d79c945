"""What ended in dead-letter queues, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.sqs.models import Message, Queue, sqs_backends

from embedded_aws.lambda_.functions import DEAD_LETTERS
from embedded_aws.moto_patches import every
from embedded_aws.sqs.resources import put


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """One message in a dead-letter queue."""

    queue: str
    body: str
    reason: str


def dead_letters(last_errors: Mapping[str, str]) -> list[DeadLetter]:
    """Return every message in a dead-letter queue; `last_errors` says why functions failed."""
    dead_letter_arns = {*_redrive_targets(), *_rule_targets(), *_function_targets()}
    return [
        DeadLetter(queue=queue.name, body=message.body, reason=_reason(message, last_errors))
        for queue in _queues()
        if queue.queue_arn in dead_letter_arns
        for message in queue._messages  # noqa: SLF001 # also the ones a client has received
    ]


def _queues() -> Iterator[Queue]:
    for backend in every(sqs_backends):
        yield from list(backend.queues.values())


def _redrive_targets() -> Iterator[str]:
    for queue in _queues():
        if queue.redrive_policy:
            yield queue.redrive_policy["deadLetterTargetArn"]


def _rule_targets() -> Iterator[str]:
    for backend in every(events_backends):
        for bus in backend.event_buses.values():
            for rule in bus.rules.values():
                yield from (target.get("DeadLetterConfig", {}).get("Arn") for target in rule.targets)


def _function_targets() -> Iterator[str]:
    for backend in every(lambda_backends):
        for function in backend.list_functions():
            if arn := getattr(function, DEAD_LETTERS, None):
                yield arn


def _reason(message: Message, last_errors: Mapping[str, str]) -> str:
    attributes = {name: value.get("StringValue") for name, value in message.message_attributes.items()}
    if "ERROR_CODE" in attributes:
        return f"{attributes['ERROR_CODE']}: {attributes.get('ERROR_MESSAGE')}"
    received = f"received {message.approximate_receive_count} times"
    return f"{received}; {last_errors[message.id]}" if message.id in last_errors else received


def let_die(queue: Queue, body: str) -> None:
    """Send a message and let it fail as often as it may, so that it is among the dead letters at once."""
    message = put(queue, body)
    message.approximate_receive_count = int((queue.redrive_policy or {})["maxReceiveCount"])
    # moto moves what failed too often when messages are asked for.
    backend = sqs_backends[queue.account_id][queue.region]
    backend.receive_message(queue.name, 1, wait_seconds_timeout=0, visibility_timeout=0)
