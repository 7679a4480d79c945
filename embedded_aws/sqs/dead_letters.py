"""What ended in dead-letter queues, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.sqs.models import Message, Queue, sqs_backends

from embedded_aws.lambda_.functions import DEAD_LETTERS


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """One message in a dead-letter queue."""

    queue: str
    body: str
    reason: str


def dead_letters(last_errors: Mapping[str, str]) -> list[DeadLetter]:
    """Return every message in a dead-letter queue; `last_errors` tells why functions failed."""
    dead_letter_arns = {*_redrive_targets(), *_rule_targets(), *_function_targets()}
    return [
        DeadLetter(queue=queue.name, body=message.body, reason=_reason(message, last_errors))
        for queue in _queues()
        if queue.queue_arn in dead_letter_arns
        for message in queue._messages  # noqa: SLF001 # also the ones somebody is looking at
    ]


def _queues() -> Iterator[Queue]:
    for regions in list(sqs_backends.values()):
        for backend in list(regions.values()):
            yield from list(backend.queues.values())


def _redrive_targets() -> Iterator[str]:
    for queue in _queues():
        if queue.redrive_policy:
            yield queue.redrive_policy["deadLetterTargetArn"]


def _rule_targets() -> Iterator[str]:
    for regions in list(events_backends.values()):
        for backend in list(regions.values()):
            for bus in backend.event_buses.values():
                for rule in bus.rules.values():
                    for target in rule.targets:
                        yield target.get("DeadLetterConfig", {}).get("Arn")


def _function_targets() -> Iterator[str]:
    for regions in list(lambda_backends.values()):
        for backend in list(regions.values()):
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
    backend = sqs_backends[queue.account_id][queue.region]
    message = backend.send_message(queue.name, body)
    message.approximate_receive_count = int((queue.redrive_policy or {})["maxReceiveCount"])
    # moto moves what failed too often when somebody asks for messages.
    backend.receive_message(queue.name, 1, wait_seconds_timeout=0, visibility_timeout=0)
