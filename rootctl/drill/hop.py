"""One step of a drill: what should be seen, what was seen, and how long it took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rootctl.exit_codes import Exit


class Sight(StrEnum):
    """Whether a step was seen. unknown: it could not be looked at, which is never as good as seen."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One step. at: when AWS says it happened; seconds: since the step that caused it.

    remedy: what to type or look at where it was not seen.
    """

    name: str
    sight: Sight
    text: str
    at: datetime
    seconds: float | None = None
    remedy: str | None = None


def exit_of(hops: Iterable[Hop]) -> Exit:
    """Return how the drill ends: a step not seen is a finding; one that could not be looked at, a failure."""
    sights = {hop.sight for hop in hops}
    if Sight.NOT_SEEN in sights:
        return Exit.FINDINGS
    return Exit.FAILED if Sight.UNKNOWN in sights else Exit.DONE
