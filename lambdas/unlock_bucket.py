"""unlock_bucket: a request about a bucket's policy → shown, deleted, replaced or put back."""

from rootwarden.aws.function import Event, entry_point, made_once
from rootwarden.aws.unlocking import answer_request, bucket_unlocking
from rootwarden.requests import Answer

_function = made_once(bucket_unlocking)


@entry_point
def handler(event: Event) -> Answer:
    """Look at or change a bucket's policy, or say why not."""
    return answer_request(event, _function())
