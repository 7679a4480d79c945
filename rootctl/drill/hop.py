"""One step of a drill: what should be seen, what was seen, and how long it took."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from rootctl.exit_codes import Exit


def now() -> datetime:
    """Return the time with its fractions: hops may take less than a second."""
    return datetime.now(UTC)


class Sight(StrEnum):
    """Whether a step was seen. unknown: it could not be looked at, which is never as good as seen."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One step. at: when AWS says it happened; seconds: since the step that caused it.

    remedy: what to type or look at where it was not seen. suspects: the checks of rootctl doctor that may
    say why it was not.
    """

    name: str
    sight: Sight
    text: str
    at: datetime = field(default_factory=now)
    seconds: float | None = None
    remedy: str | None = None
    suspects: tuple[str, ...] = ()

    @classmethod
    def seen(
        cls, name: str, text: str, *, at: datetime | None = None, since: datetime | None = None
    ) -> "Hop":
        """Return a step that was seen: now, or when a log says so."""
        at = at or now()
        seconds = max((at - since).total_seconds(), 0.0) if since else None
        return cls(name=name, sight=Sight.SEEN, text=text, at=at, seconds=seconds)

    @classmethod
    def missed(cls, name: str, text: str, remedy: str, *suspects: str) -> "Hop":
        """Return a step that should have been seen, and was not."""
        return cls(name=name, sight=Sight.NOT_SEEN, text=text, remedy=remedy, suspects=suspects)

    @classmethod
    def unknown(cls, name: str, text: str, remedy: str, *suspects: str) -> "Hop":
        """Return a step that could not be looked at."""
        return cls(name=name, sight=Sight.UNKNOWN, text=text, remedy=remedy, suspects=suspects)


def exit_of(hops: Iterable[Hop]) -> Exit:
    """Return how the drill ends: a step not seen is a finding; one that could not be looked at, a failure."""
    sights = {hop.sight for hop in hops}
    if Sight.NOT_SEEN in sights:
        return Exit.FINDINGS
    return Exit.FAILED if Sight.UNKNOWN in sights else Exit.DONE
