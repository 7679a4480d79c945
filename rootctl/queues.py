"""The queues of the hub's functions, by the stack's outputs."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rootctl.hub import Hub, NoHub
from rootctl.output import read_json
from rootwarden.aws.clients import refusals
from rootwarden.events import Fields, MalformedEvent

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_OUTPUT = re.compile(r"(\w+)Queues")


@dataclass(frozen=True, kw_only=True)
class FunctionQueues:
    """One function's queues, by their URLs.

    dead_letters: messages its function gave up. undelivered: events its rules could not put on the queue.
    """

    function: str
    queue: str
    dead_letters: str
    undelivered: str

    @property
    def urls(self) -> tuple[str, str, str]:
        """All three."""
        return self.queue, self.dead_letters, self.undelivered

    @classmethod
    def of(cls, hub: Hub) -> tuple[Self, ...]:
        """Return the queues of every function that has one; raises NoHub."""
        named = ((_OUTPUT.fullmatch(name), text) for name, text in hub.outputs.items())
        found = [cls._read(match[1], text) for match, text in named if match]
        if not found:
            hub.output("HardenAccountQueues")
        return tuple(sorted(found, key=lambda each: each.function))

    @classmethod
    def _read(cls, name: str, text: str) -> Self:
        try:
            urls = Fields(read_json(text, f"{name}Queues"), f"{name}Queues")
            return cls(
                function=re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(),
                queue=urls.text("queue"),
                dead_letters=urls.text("deadLetters"),
                undelivered=urls.text("undelivered"),
            )
        except MalformedEvent as error:
            raise NoHub(
                f"The stack's output cannot be read: {error}. Use the rootctl of its version."
            ) from error


def waiting(client: "SQSClient", url: str) -> int:
    """Return about how many messages a queue holds, those looked at or put off too; raises CallRefused."""
    with refusals():
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    shown, looked_at = found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"]
    return int(shown) + int(looked_at) + int(found["ApproximateNumberOfMessagesDelayed"])
