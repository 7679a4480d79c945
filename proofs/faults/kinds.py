"""The ways a call fails."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.extensions import Answer


class Kind(StrEnum):
    """What happens to a call, and so what its caller sees."""

    THROTTLED = "throttled"
    BROKEN = "broken"
    DENIED = "denied"
    DENIED_FROM_NOW_ON = "denied-from-now-on"
    HANGS = "hangs"
    ANSWER_LOST = "answer-lost"
    ANSWERS_LOST = "answers-lost"
    PARTLY_DONE = "partly-done"
    DIED_BEFORE = "died-before"
    DIED_AFTER = "died-after"


DESCRIPTIONS = {
    Kind.THROTTLED: "AWS throttles every try of the call",
    Kind.BROKEN: "AWS answers every try with 500",
    Kind.DENIED: "AWS denies the call once",
    Kind.DENIED_FROM_NOW_ON: "AWS denies the operation in the account from now on",
    Kind.HANGS: "AWS answers no try until the client gives up",
    Kind.ANSWER_LOST: "AWS does it, and the client waits in vain for the answer to the first try",
    Kind.ANSWERS_LOST: "AWS does it at every try, and answers 500",
    Kind.PARTLY_DONE: "AWS takes a part of the batch, and says so",
    Kind.DIED_BEFORE: "the function's process ends before the call",
    Kind.DIED_AFTER: "the function's process ends after the call",
}
# What every try of a call meets, as botocore makes them.
LASTING = frozenset({Kind.THROTTLED, Kind.BROKEN, Kind.HANGS, Kind.ANSWERS_LOST})
AFTER_EFFECT = frozenset({Kind.ANSWER_LOST, Kind.ANSWERS_LOST, Kind.DIED_AFTER})
REFUSALS: Mapping[Kind, tuple[str, int]] = {
    Kind.THROTTLED: ("ThrottlingException", 400),
    Kind.BROKEN: ("InternalServerError", 500),
    Kind.DENIED: ("AccessDeniedException", 403),
    Kind.DENIED_FROM_NOW_ON: ("AccessDeniedException", 403),
    Kind.ANSWERS_LOST: ("InternalServerError", 500),
}
_READING = ("BatchGet", "Describe", "Get", "Head", "List", "Query", "Receive", "Scan")


@dataclass(frozen=True)
class Fault:
    """One call that fails, by its number among all calls of functions."""

    at: int
    kind: Kind

    def __str__(self) -> str:
        """Return it as the command line takes it."""
        return f"{self.at}:{self.kind}"


def kinds_for(call: Call, *, is_first: bool, is_new: bool) -> Iterator[Kind]:
    """Return what may happen to a call.

    Without an effect, losing an answer is no different from a hanging call, and dying after a call from
    dying before it. is_first: of its invocation; dying before any other call is dying after the one before.
    is_new: no such operation was called in that account until now.
    """
    yield from (Kind.THROTTLED, Kind.BROKEN, Kind.DENIED, Kind.HANGS)
    if is_first:
        yield Kind.DIED_BEFORE
    if is_new:
        yield Kind.DENIED_FROM_NOW_ON
    if not call.operation.startswith(_READING):
        yield from (Kind.ANSWER_LOST, Kind.ANSWERS_LOST, Kind.DIED_AFTER)
    if call.operation in _PARTLY:
        yield Kind.PARTLY_DONE


def partly_done(call: Call) -> Answer | None:
    """Do a part of what a batch asks for, and return the answer that says so; None for what is no batch."""
    do = _PARTLY.get(call.operation)
    return do(call) if do else None


def refusal(kind: Kind) -> CallRefusedError:
    """Return AWS's answer."""
    code, http = REFUSALS[kind]
    return CallRefusedError(code, f"{code}, as the proof of faults asks for", http)


def _put_events(call: Call) -> Answer:
    refused = {"ErrorCode": "InternalFailure", "ErrorMessage": "as the proof of faults asks for"}
    entries = call.parameters["Entries"]
    return {"FailedEntryCount": len(entries), "Entries": [refused for _ in entries]}


def _batch_write_item(call: Call) -> Answer:
    """Write the first half."""
    left: dict[str, Any] = {}
    tables = dynamodb_backends[call.account][call.region]
    for name, requests in call.parameters["RequestItems"].items():
        half = len(requests) // 2
        for request in requests[:half]:
            tables.put_item(name, request["PutRequest"]["Item"])
        left[name] = requests[half:]
    return {"UnprocessedItems": left}


def _batch_get_item(call: Call) -> Answer:
    return {"Responses": {}, "UnprocessedKeys": call.parameters["RequestItems"]}


def _message_batch(call: Call) -> Answer:
    failed = [
        {"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"}
        for entry in call.parameters["Entries"]
    ]
    return {"Successful": [], "Failed": failed}


_PARTLY: Mapping[str, Callable[[Call], Answer]] = {
    "PutEvents": _put_events,
    "BatchWriteItem": _batch_write_item,
    "BatchGetItem": _batch_get_item,
    "SendMessageBatch": _message_batch,
    "DeleteMessageBatch": _message_batch,
}
