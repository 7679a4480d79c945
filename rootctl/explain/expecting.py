"""Whether the configuration expects a call, by which entry, and what that changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rootctl.explain.knowledge import Knowledge
from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.judgement import expectation_of, expectations_naming
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.root_activity import Severity
from rootwarden.contract.expectations import Expectation
from rootwarden.events import CloudTrailRecord
from rootwarden.outcomes import utc_now

_ENDED = "none: its last day is over"
_CRITICAL = "none: what is critical is never expected away"


@dataclass(frozen=True)
class Judged:
    """What became of a record. alert: None where it is only counted, or nothing is reported."""

    verdict: ActivityVerdict
    alert: ActivityAlert | None

    def __str__(self) -> str:
        """Say it as what the event is."""
        return f"an alert with severity {self.alert.severity}" if self.alert else "one more event in a burst"


@dataclass(frozen=True)
class Expecting:
    """An entry of `expected` that names a call. effect: what it changes, as a sentence of its own."""

    entry: Expectation
    has_ended: bool
    effect: str

    def __str__(self) -> str:
        """Say all of it in one line."""
        entry = self.entry
        named = f"{', '.join(entry.calls)} by {entry.principal} until {entry.until} ({entry.reason})"
        return f"{named}. Effect: {self.effect}"

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form: the configuration's, whether it has ended, and the effect."""
        return self.entry.to_detail() | {"hasEnded": self.has_ended, "effect": self.effect}


_Judge: TypeAlias = Callable[[tuple[Expectation, ...]], Judged]


def judged_as_expected(
    record: CloudTrailRecord, plain: Judged, knowledge: Knowledge, judge: _Judge
) -> tuple[Judged, Expecting | None]:
    """Return what becomes of a record that alerts or counts, and the entry that names its call, if any.

    plain: what would become of it if nothing was expected. An entry that ended is named where none holds.
    """
    named = tuple(expectations_naming(record, knowledge.expectations()))
    entry = expectation_of(record, named, utc_now().date())
    if entry is None:
        last = max(named, key=lambda each: each.until, default=None)
        return plain, Expecting(last, has_ended=True, effect=_ENDED) if last else None
    judged = judge(named)
    return judged, Expecting(entry, has_ended=False, effect=_effect(plain, judged))


def _effect(plain: Judged, judged: Judged) -> str:
    if judged.alert and judged.alert.severity is Severity.CRITICAL:
        return _CRITICAL
    if str(judged) == str(plain):
        return f"none: it is {plain} without this entry, too"
    return f"it is {judged}; without this entry it would be {plain}"
