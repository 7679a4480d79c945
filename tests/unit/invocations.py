"""What Lambda gives a function: a batch of messages, and a context; and whom it asks about accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.contract.functions import Caller

ARN = "arn:aws:lambda:us-east-1:222233334444:function:function"


@dataclass
class Context:
    """The parts of the context that the functions read. clock: seconds since the invocation began."""

    function_name: str = "function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = ARN
    aws_request_id: str = "request"
    tenant_id: str | None = None
    seconds: float = 900
    clock: Callable[[], float] = lambda: 0.0

    def get_remaining_time_in_millis(self) -> int:
        return int((self.seconds - self.clock()) * 1000)


class AnyOrganization:
    """Organizations that knows every account."""

    def describe_account(self, *, AccountId: str) -> dict[str, object]:  # noqa: N803 - AWS's name
        path = f"o-aa111bb222/r-ab12/{AccountId}/"
        return {"Account": {"Id": AccountId, "Name": "payments-prod", "State": "ACTIVE", "Paths": [path]}}


def context(
    *,
    seconds: float = 900,
    clock: Callable[[], float] = lambda: 0.0,
    caller: Caller | None = Caller.QUEUE,
) -> LambdaContext:
    """Return the context of an invocation by a caller's alias that may take so many seconds of this clock."""
    began, arn = clock(), f"{ARN}:{caller}" if caller else ARN
    invoked = Context(invoked_function_arn=arn, seconds=seconds, clock=lambda: clock() - began)
    return cast("LambdaContext", invoked)


def batch(*bodies: str, attempt: int = 1) -> dict[str, Any]:
    """Return the messages as the queue's event source mapping hands them over."""
    return {"Records": [_message(number, body, attempt) for number, body in enumerate(bodies)]}


def _message(number: int, body: str, attempt: int) -> dict[str, Any]:
    return {
        "messageId": f"message {number}",
        "receiptHandle": f"receipt {number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(attempt)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:222233334444:queue",
        "awsRegion": "us-east-1",
    }


def failed(response: PartialItemFailureResponse) -> list[int]:
    """Return the numbers of the messages that are to be tried again."""
    return [
        int(str(item["itemIdentifier"]).removeprefix("message ")) for item in response["batchItemFailures"]
    ]
