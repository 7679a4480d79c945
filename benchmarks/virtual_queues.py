"""The hub's queues and rules as the synthesized template has them."""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rootwarden.contract.pattern_matching import UnknownOperator, matches

# Lambda polls a queue with five at once, and adds 300 a minute up to 1,250.
_FIRST, _MORE_A_SECOND, _MOST = 5, 5.0, 1250


@dataclass
class Message:
    """A message in a queue. sent_at: in virtual time."""

    body: str
    sent_at: float
    receives: int = 0
    visible_at: float = 0.0


@dataclass
class Queue:
    """A queue, what polls it, and its limits. running: batches being worked on."""

    name: str
    function: str
    batch_size: int
    most_at_once: int
    tries: int
    waiting: deque[Message] = field(default_factory=deque)
    running: int = 0
    busy_since: float | None = None
    dead_letters: int = 0
    worked_off_at: float = 0.0

    def at_once(self, now: float) -> int:
        """Return how many batches Lambda takes from it at once."""
        since = now if self.busy_since is None else self.busy_since
        return min(self.most_at_once, int(_FIRST + _MORE_A_SECOND * (now - since)))


def read_queues(resources: Mapping[str, Any]) -> tuple[list[Queue], list[tuple[Mapping[str, Any], Queue]]]:
    """Return the queues that functions work off, and the patterns of rules with the queue each aims at."""
    queues = {}
    for resource in resources.values():
        if resource["Type"] != "AWS::Lambda::EventSourceMapping":
            continue
        given = resource["Properties"]
        alias = resources[given["FunctionName"]["Ref"]]["Properties"]
        function = resources[alias["FunctionName"]["Ref"]]["Properties"]
        name = given["EventSourceArn"]["Fn::GetAtt"][0]
        queues[name] = Queue(
            name=name,
            function=function["Handler"].split(".")[1],
            batch_size=given["BatchSize"],
            most_at_once=given.get("ScalingConfig", {}).get("MaximumConcurrency", _MOST),
            tries=resources[name]["Properties"]["RedrivePolicy"]["maxReceiveCount"],
        )
    rules = [
        (rule["Properties"]["EventPattern"], queues[target["Arn"]["Fn::GetAtt"][0]])
        for rule in resources.values()
        if rule["Type"] == "AWS::Events::Rule"
        for target in rule["Properties"]["Targets"]
        if target["Arn"].get("Fn::GetAtt", [None])[0] in queues
    ]
    return list(queues.values()), rules


def is_of(pattern: Mapping[str, Any], source: str) -> bool:
    """Say whether a pattern could take an event of a source."""
    return takes({"source": pattern["source"]}, {"source": source})


def takes(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Say whether a rule's pattern takes an event."""
    try:
        return matches(pattern, event)
    except UnknownOperator:
        return False


def hub_template(assembly: Path) -> dict[str, Any]:
    """Return the hub's template out of a cloud assembly."""
    found: dict[str, Any] = json.loads((assembly / "RootWardenHub.template.json").read_text("utf-8"))
    return found


def dead_letters(queues: Iterable[Queue]) -> int:
    """Return how many messages were given up."""
    return sum(queue.dead_letters for queue in queues)
