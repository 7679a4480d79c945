"""Doing a piece of work once: duplicates are turned away, a crash leaves it to be done again."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from rootwarden.refusals import CallRefused


class RetryLater(Exception):
    """When a message must be tried again later; the text says why."""


class AlreadyDone(Exception):
    """When the work was done before, so that this message is a duplicate. until: when it no longer is."""

    def __init__(self, text: str, until: datetime | None = None) -> None:
        super().__init__(text)
        self.until = until


class ClaimState(StrEnum):
    """Whose a piece of work is."""

    OURS = "ours"
    BUSY = "busy"
    DONE = "done"


@dataclass(frozen=True)
class Claim:
    """The answer to asking for a piece of work.

    note: what an earlier attempt wrote down. done_until: how long what is done is not done again.
    """

    state: ClaimState
    note: str | None = None
    done_until: datetime | None = None


class Claims(Protocol):
    """Remembers who works on what. A claim lasts as long as its lease, unless finished or released.

    Every method raises CallRefused.
    """

    def begin(self, key: str, *, lease: timedelta) -> Claim:
        """Claim the work, unless another holds it or it is done."""

    def note(self, key: str, note: str) -> None:
        """Write something down for the next attempt at the same work."""

    def release(self, key: str) -> None:
        """Give the work back undone."""

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Mark the work done, not to be done again until `remember` is over; at once where that is none."""


class NotedClaims(Claims, Protocol):
    """Claims, and notes that need no claim."""

    def noted(self, key: str) -> str | None:
        """Return what was written down, without claiming the work."""

    def keep_note(self, key: str, note: str, *, keep: timedelta) -> None:
        """Write something down for so long, without claiming the work."""


@dataclass
class HeldClaim:
    """A claim while held. note: an earlier attempt's. remember: how long the work, once done, stays done."""

    note: str | None
    remember: timedelta


@contextmanager
def claimed(claims: Claims, key: str, *, lease: timedelta, remember: timedelta) -> Iterator[HeldClaim]:
    """Hold a claim around a piece of work.

    Raises AlreadyDone for a duplicate and RetryLater while another works on it. Work that
    raises is given back at once; work that dies is free again when its lease is over. So is what cannot be
    given back: only where something is to be remembered, that is an error.
    """
    held = HeldClaim(note=_begun(claims, key, lease).note, remember=remember)
    try:
        yield held
    except BaseException:
        with suppress(CallRefused):
            claims.release(key)
        raise
    with nullcontext() if held.remember else suppress(CallRefused):
        claims.finish(key, remember=held.remember)


@contextmanager
def borrowed(claims: Claims, key: str, *, lease: timedelta) -> Iterator[None]:
    """Keep others from a piece of work without doing it: afterwards it is as undone as before.

    Raises what claimed raises.
    """
    _begun(claims, key, lease)
    try:
        yield
    finally:
        with suppress(CallRefused):
            claims.release(key)


def _begun(claims: Claims, key: str, lease: timedelta) -> Claim:
    claim = claims.begin(key, lease=lease)
    if claim.state is ClaimState.DONE:
        raise AlreadyDone(f"{key} was done before", claim.done_until)
    if claim.state is ClaimState.BUSY:
        raise RetryLater(f"{key} is being worked on")
    return claim
