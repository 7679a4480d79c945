"""Whether one account's root activity arrives from one Region: what probes and their records prove."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from rootwarden.coverage.probes import WEEK, Probe
from rootwarden.events import Fields, Record
from rootwarden.outcomes import Count, iso

# CloudTrail delivers within about five minutes, EventBridge retries for longer.
UNDER_WAY = timedelta(hours=1)
# The records' clock is AWS's, the probes' is ours.
_TOLERANCE = timedelta(minutes=5)
LOST_AFTER = 2
# Four turns of a probe without a record: whether the path still works is not known.
_PROVES_FOR = 4 * WEEK
# Codes of probes that failed here, not in the account: they say nothing of its path.
FAILED_HERE = frozenset({"BatchFailed", "NoAnswer", "OutOfTime"})


class PathStatus(StrEnum):
    """What is known. waiting: for a probe, or for its record; only proven proves anything."""

    PROVEN = "proven"
    SILENT = "silent"
    NOT_POSSIBLE = "not_possible"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class AlarmPath:
    """One account and Region. probed_at: the oldest probe that is not judged yet.

    silent_since: the first probe of which no record arrived; silent_probes: how many in a row.
    """

    region: str
    status: PathStatus
    proven_at: datetime | None = None
    probed_at: datetime | None = None
    silent_since: datetime | None = None
    silent_probes: int = 0
    why: str | None = None

    @property
    def is_lost(self) -> bool:
        """Whether it worked once, and is silent now for so long that chance no longer explains it."""
        is_silent = self.status is PathStatus.SILENT
        return is_silent and self.proven_at is not None and self.silent_probes >= LOST_AFTER

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form, without what is empty: there is one for every account and Region."""
        times = {
            "provenAt": self.proven_at,
            "probedAt": self.probed_at,
            "silentSince": self.silent_since,
        }
        return {
            "region": self.region,
            "status": self.status.value,
            **{name: iso(time) for name, time in times.items() if time},
            **({"silentProbes": self.silent_probes} if self.silent_probes else {}),
            **({"why": self.why} if self.why else {}),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""

        def time(name: str) -> datetime | None:
            return fields.time(name) if fields.has(name) else None

        return cls(
            region=fields.text("region"),
            status=fields.choice(PathStatus, "status"),
            proven_at=time("provenAt"),
            probed_at=time("probedAt"),
            silent_since=time("silentSince"),
            silent_probes=fields.number("silentProbes") if fields.has("silentProbes") else 0,
            why=fields.optional_text("why"),
        )


def impossible(region: str, why: str, before: AlarmPath | None) -> AlarmPath:
    """Return the path of an account that no root session of ours can prove.

    Once one can, it is as silent as it was before until something is heard.
    """
    known = before or AlarmPath(region=region, status=PathStatus.NOT_POSSIBLE)
    return replace(known, status=PathStatus.NOT_POSSIBLE, probed_at=None, why=why)


def judge_path(before: AlarmPath, probe: Probe | None, *, heard: datetime | None, at: datetime) -> AlarmPath:
    """Judge a path again. probe: this sweep's, None where it made none; heard: the last record's time."""
    path = _heard(before, heard)
    path = _judged(path, at)
    if probe and not probe.code and path.probed_at is None and not _arrived(path, probe.at):
        path = _judged(replace(path, probed_at=probe.at), at)
    return _with_status(path, before, probe, at)


def unheard(paths: Iterable[AlarmPath]) -> tuple[str, ...]:
    """Return the Regions to probe again before their turn."""
    return tuple(path.region for path in paths if path.status is PathStatus.SILENT)


class PathTotals(Record, frozen=True, kw_only=True):
    """How many alarm paths stand how. lost: of the silent ones, those that worked once."""

    proven: Count
    silent: Count
    not_possible: Count
    waiting: Count
    lost: Count

    @classmethod
    def of(cls, paths: Iterable[AlarmPath]) -> Self:
        """Count."""
        counts: Counter[str] = Counter()
        for path in paths:
            counts[path.status.value] += 1
            counts["lost"] += path.is_lost
        return cls(**{name: counts[name] for name in cls.__struct_fields__})


def _arrived(path: AlarmPath, probed_at: datetime) -> bool:
    return path.proven_at is not None and path.proven_at >= probed_at - _TOLERANCE


def _heard(path: AlarmPath, heard: datetime | None) -> AlarmPath:
    """Take in what arrived: it answers every probe before it."""
    path = replace(path, proven_at=max((time for time in (heard, path.proven_at) if time), default=None))
    if path.silent_since and _arrived(path, path.silent_since):
        path = replace(path, silent_since=None, silent_probes=0)
    if path.probed_at and _arrived(path, path.probed_at):
        path = replace(path, probed_at=None)
    return path


def _judged(path: AlarmPath, at: datetime) -> AlarmPath:
    """Count a probe as unheard once its record can no longer be under way."""
    if path.probed_at is None or at - path.probed_at < UNDER_WAY:
        return path
    since = path.silent_since or path.probed_at
    return replace(path, probed_at=None, silent_since=since, silent_probes=path.silent_probes + 1)


def _with_status(path: AlarmPath, before: AlarmPath, probe: Probe | None, at: datetime) -> AlarmPath:
    why = f"{probe.code}: {probe.message or 'AWS says no more'}" if probe and probe.code else None
    if path.silent_since:
        return replace(path, status=PathStatus.SILENT, why=why)
    if probe and probe.code and probe.code not in FAILED_HERE:
        return replace(path, status=PathStatus.NOT_POSSIBLE, why=why)
    was_impossible = before.status is PathStatus.NOT_POSSIBLE and path.proven_at == before.proven_at
    if was_impossible and (probe is None or probe.code in FAILED_HERE):
        return replace(path, status=PathStatus.NOT_POSSIBLE, why=before.why)
    is_proven = path.proven_at is not None and at - path.proven_at < _PROVES_FOR
    status = PathStatus.PROVEN if is_proven else PathStatus.WAITING
    return replace(path, status=status, why=why)
