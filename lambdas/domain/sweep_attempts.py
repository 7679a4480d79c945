"""Trying again while AWS asks to slow down, or stumbles, so that neither loses an account."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lambdas.domain.hardening.removal import CallRefused

T = TypeVar("T")

# Pauses begin short, because a batch waits for its slowest account, and every request waits for its
# turn besides: see sweep_rate.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 16.0
# Of what is not throttling: who only asks to slow down is asked for as long as there is time.
_MOST_TRIES = 5
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

    time_left: how many seconds are left for trying again. chance: a number from 0 to 1, by which pauses
    are shortened, so that what was refused together does not come back together.
    """

    sleep: Callable[[float], None]
    time_left: Callable[[], float]
    unforeseen: Callable[[Exception], None]
    chance: Callable[[], float] = random.random

    def at(self, step: Callable[[], T]) -> T | Failed:
        """Return what the step returns, or what it failed with in the end; raises nothing."""
        tries, longest = 1, _FIRST_PAUSE
        while True:
            pause = longest * self.chance()
            try:
                return step()
            except CallRefused as refused:
                if not _is_worth_trying(refused, tries) or self.time_left() <= pause:
                    return Failed(refused.code, refused.message)
            except Exception as error:  # noqa: BLE001 - one account never sinks the others
                self.unforeseen(error)
                return Failed(type(error).__name__, str(error))
            self.sleep(pause)
            tries, longest = tries + 1, min(2 * longest, _LONGEST_PAUSE)


def _is_worth_trying(refused: CallRefused, tries: int) -> bool:
    return refused.code in _THROTTLED or (refused.may_pass and tries < _MOST_TRIES)
