"""unlock_bucket: a request about a bucket's policy → shown, deleted, replaced or put back."""

from rootwarden.aws.function import Answer, Caller, Event, entry_point_for, made_once
from rootwarden.aws.unlocking import bucket_unlocking

_function = made_once(bucket_unlocking)


@entry_point_for(Caller.PERSON, Caller.SCHEDULE)
def handler(event: Event, caller: Caller) -> Answer:
    """Look at or change a bucket's policy, or say why not."""
    return _function().answer(event, caller)
