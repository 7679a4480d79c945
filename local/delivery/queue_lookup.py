"""Finding queues as other services name them."""

from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import Queue, sqs_backends
from moto.utilities.arns import parse_arn


def queue_at(arn: str) -> Queue | None:
    """Return the queue an ARN names, if it exists."""
    parsed = parse_arn(arn)
    try:
        return sqs_backends[parsed.account][parsed.region].get_queue(parsed.resource_id)
    except QueueDoesNotExist:
        return None
