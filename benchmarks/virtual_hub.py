"""The hub's queues and functions as the synthesized template has them, in virtual time.

The functions are the deployed ones: their handlers run in this process, a made function for each execution
environment. Lambda polls, scales and limits as AWS documents it.
"""

import json
import math
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self
from unittest.mock import patch

from benchmarks.virtual_queues import Message, Queue, is_of, read_queues, takes
from benchmarks.virtual_time import VirtualTime, Worker, current_worker
from rootwarden.aws import clients
from rootwarden.aws.clients import Deadline
from rootwarden.contract.detail_types import ROOT_ACTIVITY_BURST_ENDED

_QUEUES = "https://sqs.us-east-1.amazonaws.com/222233334444"
# What only a deployment knows.
_VALUES = {"OWN_ROLES": '{"arn:aws:iam::222233334444:role/HardenAccount": ["IAMAuditRootUserCredentials"]}'}
_LAMBDA = "arn:aws:lambda:us-east-1:222233334444:function"


@dataclass
class Context:
    """What a handler gets from Lambda."""

    function_name: str
    invoked_function_arn: str
    seconds_left: Callable[[], float]
    memory_limit_in_mb: int = 256
    aws_request_id: str = "request"
    tenant_id: str | None = None

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""
        return int(self.seconds_left() * 1000)


class CurrentEnvironment(threading.local):
    """The execution environment of the thread that asks: what a process of Lambda's would hold."""

    made: Any = None
    context: Context | None = None

    def seconds_left(self) -> float:
        """Return how long the invocation may still take."""
        return self.context.seconds_left() if self.context else math.inf


class VirtualHub:
    """Queues, functions and the rules that put events on the queues."""

    def __init__(
        self, template: Mapping[str, Any], time: VirtualTime, *, account_limit: int, cold: float
    ) -> None:
        """Read the template. account_limit: concurrent executions; cold: seconds a new environment takes."""
        self.time = time
        self._limit, self._cold = account_limit, cold
        self._current = CurrentEnvironment()
        self.queues, self._rules = read_queues(template["Resources"])
        functions = {
            resource["Properties"]["Handler"].split(".")[1]: resource["Properties"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::Lambda::Function" and "lambdas." in resource["Properties"]["Handler"]
        }
        self._limits = {name: function["Timeout"] for name, function in functions.items()}
        self._environments = {name: self._environment(function) for name, function in functions.items()}
        self._makes: dict[str, Callable[[Mapping[str, str]], Any]] = {}
        self._rules_of: dict[str, list[tuple[Mapping[str, Any], Queue]]] = {}
        self._idle: dict[str, list[Any]] = {}
        self._workers: list[Worker] = []
        self._in_flight: dict[str, Message] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Have the functions' modules find what belongs to the execution environment that runs."""
        current = self._current
        for name in {queue.function for queue in self.queues}:
            module = import_module(f"lambdas.{name}")
            self._idle[name] = []
            self._makes[name] = module._function.__wrapped__.func  # noqa: SLF001 - see made_once
            self._stack.enter_context(patch.object(module, "_function", lambda: current.made))
        begin = patch.object(Deadline, "begin", lambda _, context: setattr(current, "context", context))
        left = patch.object(Deadline, "seconds_left", lambda _: current.seconds_left())
        for each in (begin, left):
            self._stack.enter_context(each)
        _forget_clients()
        self._stack.callback(_forget_clients)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the modules as they were."""
        self._stack.close()

    def deliver(self, event: Mapping[str, Any]) -> None:
        """Put an event of the bus on the queues whose rules take it."""
        body = json.dumps(event)
        source = event["source"]
        if source not in self._rules_of:
            self._rules_of[source] = [(p, q) for p, q in self._rules if is_of(p, source)]
        for pattern, queue in self._rules_of[source]:
            if takes(pattern, event):
                self.send(queue, body)

    def send(self, queue: Queue, body: str, *, delay: float = 0.0) -> None:
        """Put a message on a queue."""
        message = Message(body, sent_at=self.time.now)
        self._show(queue, message, self.time.now + delay)

    def put_off(self, receipt: str, seconds: float) -> None:
        """Let a message that is being worked on be seen again so much later, unless it is done."""
        self._in_flight[receipt].visible_at = self.time.now + seconds

    def queue_at(self, url: str) -> Queue:
        """Return a queue by its URL."""
        name = url.rpartition("/")[2]
        return next(queue for queue in self.queues if queue.name == name)

    def _environment(self, function: Mapping[str, Any]) -> dict[str, str]:
        names = {queue.name for queue in self.queues}

        def text(name: str, value: Any) -> str:
            if not isinstance(value, dict):
                return str(value)
            return f"{_QUEUES}/{value['Ref']}" if value.get("Ref") in names else _VALUES.get(name, name)

        variables = function.get("Environment", {}).get("Variables", {})
        return {name: text(name, value) for name, value in variables.items()}

    def _show(self, queue: Queue, message: Message, at: float) -> None:
        def visible() -> None:
            queue.waiting.append(message)
            self._poll(queue)

        self.time.call_at(at, visible)

    def _poll(self, queue: Queue) -> None:
        now = self.time.now
        while queue.waiting and queue.running < queue.at_once(now) and self._running < self._limit:
            size = min(queue.batch_size, len(queue.waiting))
            batch = [queue.waiting.popleft() for _ in range(size)]
            queue.running += 1
            self._worker().do(lambda batch=batch: self._invoke(queue, batch))  # type: ignore[misc] # bound now
        if queue.waiting and queue.busy_since is None:
            queue.busy_since = now
            self.time.call_at(now + 1, lambda: self._poll_again(queue))

    def _poll_again(self, queue: Queue) -> None:
        if not queue.waiting:
            queue.busy_since = None
            return
        self._poll(queue)
        self.time.call_at(self.time.now + 1, lambda: self._poll_again(queue))

    @property
    def _running(self) -> int:
        return sum(queue.running for queue in self.queues)

    def _worker(self) -> Worker:
        return self._workers.pop() if self._workers else Worker(self.time)

    def _invoke(self, queue: Queue, batch: list[Message]) -> None:
        current, idle = self._current, self._idle[queue.function]
        if idle:
            current.made = idle.pop()
        else:
            self.time.wait(self._cold)
            current.made = self._makes[queue.function](self._environments[queue.function])
        failed = self._handled(queue, batch)
        idle.append(current.made)
        for message in batch:
            if message in failed:
                self._give_back(queue, message)
        queue.running -= 1
        if any(ROOT_ACTIVITY_BURST_ENDED not in message.body for message in batch):
            queue.worked_off_at = self.time.now
        self._workers.append(current_worker())
        for each in self.queues:
            self._poll(each)

    def _handled(self, queue: Queue, batch: list[Message]) -> list[Message]:
        ends = self.time.now + self._limits[queue.function]
        for message in batch:
            message.receives += 1
            message.visible_at = self.time.now + 6 * self._limits[queue.function]
        context = Context(queue.function, f"{_LAMBDA}:{queue.function}:queue", lambda: ends - self.time.now)
        event = {"Records": [_record(queue, number, each) for number, each in enumerate(batch)]}
        self._in_flight.update({str(id(message)): message for message in batch})
        answer = import_module(f"lambdas.{queue.function}").handler(event, context)
        for message in batch:
            del self._in_flight[str(id(message))]
        return [batch[int(str(item["itemIdentifier"]))] for item in answer["batchItemFailures"]]

    def _give_back(self, queue: Queue, message: Message) -> None:
        if message.receives >= queue.tries:
            queue.dead_letters += 1
        else:
            self._show(queue, message, max(message.visible_at, self.time.now))


def _record(queue: Queue, number: int, message: Message) -> dict[str, Any]:
    return {
        "messageId": str(number),
        "receiptHandle": f"{id(message)}",
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:222233334444:{queue.name}",
        "awsRegion": "us-east-1",
    }


def _forget_clients() -> None:
    for each in vars(clients).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
