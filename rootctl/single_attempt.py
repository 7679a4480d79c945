"""Calls that act each time they are sent: sent once, for a second answer would hide what the first did."""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from botocore.exceptions import ClientError

from rootwarden.hardening.removal import CallRefused

T = TypeVar("T")

_PAUSES = (1.0, 2.0, 4.0, 8.0)
_TOO_MANY_REQUESTS = 429
# Systems Manager answers it with another status.
_THROTTLED = frozenset({"Throttling", "ThrottlingException"})


def sent_once(call: Callable[[], T]) -> T:
    """Make a call of a client that tries nothing again; what was throttled was not begun: send again."""
    for pause in _PAUSES:
        try:
            return call()
        except ClientError as error:
            if not _is_throttled(error):
                raise
            sleep(pause)
    return call()


def _is_throttled(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == _TOO_MANY_REQUESTS or error.response.get("Error", {}).get("Code") in _THROTTLED


def may_have_acted(refused: CallRefused) -> bool:
    """Say whether AWS may have done what was asked for, though its answer did not arrive."""
    return refused.may_pass or refused.code == "IncompleteReadError"
