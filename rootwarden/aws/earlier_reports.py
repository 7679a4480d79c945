"""The report that a sweep's report is compared with: of the newest sweep that began before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rootwarden.aws.evidence_objects import EvidenceObjects
from rootwarden.events import Fields, MalformedEvent
from rootwarden.refusals import CallRefused
from rootwarden.report.gathering import Source, read_json
from rootwarden.report.previous import was_unreadable
from rootwarden.sweep.sweep import Sweep

PREFIX = "reports/"
LATEST = f"{PREFIX}latest.json"
_JSON_FORM = "/report.json"
# So many sweeps may have reported since this one began.
_MOST_LATER = 30
# Where the latest report is of no use: so many others are tried, and of so many the newest sweep's is taken.
_MOST_TRIED, _ENOUGH = 10, 3


def report_key(sweep_id: str) -> str:
    """Return the key of a sweep's report."""
    return f"{PREFIX}{sweep_id}{_JSON_FORM}"


@dataclass(frozen=True, kw_only=True)
class EarlierReport:
    """source: None where there was no sweep before. missing: what a reader should know of the choice.

    overtaken_by: a sweep that began later, and has reported already.
    """

    source: Source | None
    overtaken_by: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class EarlierReports:
    """The bucket's reports."""

    objects: EvidenceObjects

    def before(self, sweep: Sweep) -> EarlierReport:
        """Find the report to compare a sweep's with."""
        latest = _kept(self.objects.read_if_there(LATEST))
        if isinstance(latest, _Kept):
            return self._older(latest, sweep)
        newest = self._newest_of_others(sweep)
        if not isinstance(newest, _Kept):
            return EarlierReport(source=latest or newest)
        why = f"{LATEST} cannot be read ({latest})" if latest else f"there is no {LATEST}"
        text = f"{why}: the report of the sweep {newest.sweep_id} was taken in its place"
        return self._older(newest, sweep, text)

    def _older(self, kept: "_Kept", sweep: Sweep, *missing: str) -> EarlierReport:
        """Go back from one report to the one before it, past this sweep's own and those of later sweeps."""
        later = None
        for _ in range(_MOST_LATER):
            is_own = kept.sweep_id == sweep.sweep_id
            if not is_own and not kept.is_later_than(sweep):
                return _chosen(kept.text, later, missing)
            later = later or (None if is_own else kept.sweep_id)
            if not kept.before:
                return _chosen(kept.why_none_before, later, missing)
            found = _kept(self.objects.read_if_there(report_key(kept.before)))
            if not isinstance(found, _Kept):
                gone = CallRefused("NoSuchKey", f"the report of the sweep {kept.before} is gone")
                return _chosen(found or gone, later, missing)
            kept = found
        refused = CallRefused("TooManyLater", f"more than {_MOST_LATER} later sweeps have reported")
        return _chosen(refused, later, missing)

    def _newest_of_others(self, sweep: Sweep) -> "_Kept | CallRefused | None":
        try:
            objects = list(self.objects.below(PREFIX))
        except CallRefused as refused:
            return refused
        ours = (LATEST, report_key(sweep.sweep_id))
        others = [one for one in objects if one["Key"].endswith(_JSON_FORM) and one["Key"] not in ours]
        others.sort(key=lambda one: one["LastModified"], reverse=True)
        refusal, readable = None, list[_Kept]()
        for one in others[:_MOST_TRIED]:
            found = _kept(self.objects.read(one["Key"]))
            if isinstance(found, _Kept):
                readable.append(found)
            else:
                refusal = found
            if len(readable) == _ENOUGH:
                break
        # What an older sweep reports after a newer one was written later, too.
        return max(readable, key=lambda kept: kept.started_at, default=refusal)


def overtaken_in_words(later: str) -> str:
    """Say what it means that a sweep which began later has reported already."""
    return (
        f"the sweep {later} began later and has reported already: its report stays the latest, and this one"
        " changes no finding"
    )


def _chosen(source: Source | None, later: str | None, missing: tuple[str, ...]) -> EarlierReport:
    said = (*missing, *([overtaken_in_words(later)] if later else []))
    return EarlierReport(source=source, overtaken_by=later, missing=said)


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A report that can be read so far that its place among others is known."""

    text: str
    sweep_id: str
    started_at: datetime
    before: str | None
    missing: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read one; raises MalformedEvent."""
        fields = Fields(read_json(text))
        fields.items("accounts")
        return cls(
            text=text,
            sweep_id=fields.text("sweepId"),
            started_at=fields.time("startedAt"),
            before=fields.optional_text("previousSweepId"),
            missing=fields.optional_texts("missing") or (),
        )

    @property
    def why_none_before(self) -> CallRefused | None:
        if was_unreadable(self.missing):
            return CallRefused("PreviousUnreadable", "it was when this report was first written")
        return None

    def is_later_than(self, sweep: Sweep) -> bool:
        return self.sweep_id != sweep.sweep_id and self.started_at > sweep.started_at


def _kept(source: Source | None) -> _Kept | CallRefused | None:
    if not isinstance(source, str):
        return source
    try:
        return _Kept.of(source)
    except MalformedEvent as error:
        return CallRefused("Malformed", str(error))
