"""unlock_bucket: a request about a bucket's policy → shown, deleted, replaced or put back."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.unlocking import answer, compose
from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.function import logger
from rootwarden.aws.root_buckets import RootBuckets
from rootwarden.requests import Answer
from rootwarden.unlocking.requests import ResourceKind
from rootwarden.unlocking.unlocker import UnlockFunction


@cache
def _function() -> UnlockFunction:
    return compose(ResourceKind.BUCKET, lambda sts, register: RootBuckets(sts, clients.s3_as, register))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Look at or change a bucket's policy, or say why not."""
    DEADLINE.begin(context)
    return answer(event, _function())
