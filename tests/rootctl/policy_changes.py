"""What of AWS's calls changes policies."""

from embedded_aws.environment import EmbeddedAws

_CHANGING = ("DeleteBucketPolicy", "PutBucketPolicy", "SetQueueAttributes")


def changes(aws: EmbeddedAws) -> list[str]:
    """Return the calls in root sessions that changed policies."""
    calls = aws.extensions.calls
    return [call.operation for call in calls if call.operation in _CHANGING and call.principal.is_root]
