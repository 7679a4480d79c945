"""Trying for as long as AWS only asks to slow down, so that throttling loses no account."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lambdas.domain.removal import CallRefused

T = TypeVar("T")

_LONGEST_PAUSE = 16.0
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


@dataclass(frozen=True)
class Failed:
    """What a step ended with: AWS's own code and message, or the name of an error nobody foresaw."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Takes steps that may fail. unforeseen: told of errors that AWS did not answer with.

    time_left: how many seconds are left for trying again.
    """

    sleep: Callable[[float], None]
    time_left: Callable[[], float]
    unforeseen: Callable[[Exception], None]

    def at(self, step: Callable[[], T]) -> T | Failed:
        """Return what the step returns, or what it failed with in the end; raises nothing."""
        pause = 1.0
        while True:
            try:
                return step()
            except CallRefused as refused:
                if refused.code not in _THROTTLED or self.time_left() <= pause:
                    return Failed(refused.code, refused.message)
            except Exception as error:  # noqa: BLE001 - one account never sinks the others
                self.unforeseen(error)
                return Failed(type(error).__name__, str(error))
            self.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
