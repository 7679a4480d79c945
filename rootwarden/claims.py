"""Doing a piece of work once: duplicates are turned away, a crash leaves it to be done again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class RetryLater(Exception):
    """When a message must be tried again later; the text says why."""


class AlreadyDone(Exception):
    """When the work was done before, so that this message is a duplicate."""


class ClaimState(StrEnum):
    """Whose a piece of work is."""

    OURS = "ours"
    BUSY = "busy"
    DONE = "done"


@dataclass(frozen=True)
class Claim:
    """The answer to asking for a piece of work."""

    state: ClaimState


class Claims(Protocol):
    """Remembers who works on what. A claim lasts as long as its lease, unless finished or released."""

    def begin(self, key: str, *, lease: timedelta) -> Claim:
        """Claim the work, unless somebody else holds it or it is done."""

    def release(self, key: str) -> None:
        """Give the work back undone."""

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Mark the work done; until `remember` is over, it is not done again."""


@dataclass
class Held:
    """A claim while held. remember: how long the work, once done, stays done."""

    remember: timedelta


@contextmanager
def claimed(claims: Claims, key: str, *, lease: timedelta, remember: timedelta) -> Iterator[Held]:
    """Hold a claim around a piece of work.

    Raises AlreadyDone for a duplicate and RetryLater while somebody else works on it. Work that
    raises is given back at once; work that dies is free again when its lease is over.
    """
    _begin(claims, key, lease)
    held = Held(remember=remember)
    try:
        yield held
    except BaseException:
        claims.release(key)
        raise
    claims.finish(key, remember=held.remember)


@contextmanager
def borrowed(claims: Claims, key: str, *, lease: timedelta) -> Iterator[None]:
    """Keep others from a piece of work without doing it: afterwards it is as undone as before.

    Raises what claimed raises.
    """
    _begin(claims, key, lease)
    try:
        yield
    finally:
        claims.release(key)


def _begin(claims: Claims, key: str, lease: timedelta) -> None:
    state = claims.begin(key, lease=lease).state
    if state is ClaimState.DONE:
        raise AlreadyDone(f"{key} was done before")
    if state is ClaimState.BUSY:
        raise RetryLater(f"{key} is being worked on")
