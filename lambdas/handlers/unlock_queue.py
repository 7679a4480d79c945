"""unlock_queue: a request about a queue's policy → shown, deleted, replaced or put back."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.adapters import clients
from lambdas.adapters.deadline import DEADLINE
from lambdas.adapters.root_queues import RootQueues
from lambdas.domain.requests import Answer
from lambdas.domain.unlocking.function import UnlockFunction
from lambdas.domain.unlocking.resource import ResourceKind
from lambdas.handlers.unlocking import answer, compose
from lambdas.observability import logger


@cache
def _function() -> UnlockFunction:
    return compose(
        ResourceKind.QUEUE,
        lambda sts, register: RootQueues(sts, clients.sqs_as, register, clients.queue_regions),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Look at or change a queue's policy, or say why not."""
    DEADLINE.begin(context)
    return answer(event, _function())
