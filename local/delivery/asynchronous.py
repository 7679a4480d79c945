"""Lambda's asynchronous invocations: tried three times, then left with the function's dead letters."""

import json
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.sqs.models import sqs_backends

from local.answers.roles import role_allows
from local.delivery.functions import Functions
from local.delivery.queue_lookup import queue_at

# How long Lambda waits before it tries once more, in seconds.
_WAITS = (60, 120)
# moto forgets what a template says of it.
DEAD_LETTERS = "dead_letters_arn"


def invoke_asynchronously(functions: Functions, function: LambdaFunction, event: Any) -> None:
    """Run a function until it works, three times at most."""
    for wait in (*_WAITS, None):
        if not functions.invoke(function, event).failed:
            return
        if wait:
            functions.clock.advance(wait)
    arn = getattr(function, DEAD_LETTERS, None)
    queue = queue_at(arn) if arn else None
    if queue and role_allows(function.role, action="sqs:SendMessage", resource=queue.queue_arn):
        sqs_backends[queue.account_id][queue.region].send_message(queue.name, json.dumps(event))
