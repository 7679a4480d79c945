"""What of AWS's calls changes policies."""

from local.aws import LocalAws

_CHANGING = ("DeleteBucketPolicy", "PutBucketPolicy", "SetQueueAttributes")


def changes(aws: LocalAws) -> list[str]:
    """Return the calls in root sessions that changed policies."""
    calls = aws.extensions.calls
    return [call.operation for call in calls if call.operation in _CHANGING and call.principal.is_root]
