"""unlock_queue: a request about a queue's policy → shown, deleted, replaced or put back."""

from rootwarden.aws.function import Event, entry_point, made_once
from rootwarden.aws.unlocking import answer_request, queue_unlocking
from rootwarden.requests import Answer

_function = made_once(queue_unlocking)


@entry_point
def handler(event: Event) -> Answer:
    """Look at or change a queue's policy, or say why not."""
    return answer_request(event, _function())
