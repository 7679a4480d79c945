"""Grouping: within a burst each different bad act alerts once; what repeats is counted for one summary."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rootwarden.activity.root_activity import Severity

BURST_LENGTH = timedelta(minutes=15)
# What a burst remembers of acts; one more gets a burst of its own (see burst_grouping).
MOST_ACTS = 64


@dataclass(frozen=True, kw_only=True)
class Act:
    """What one event shows. name: equal for acts that are alike. stands_out: alerts whatever else alerted."""

    event: str
    name: str
    severity: Severity
    stands_out: bool = False


@dataclass(frozen=True)
class Alerted:
    """The first event of an act, which alerted."""

    event: str
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class Burst:
    """What came from one actor since opened_at. count: all events. acts: those that alerted, by name."""

    opened_at: datetime
    ends_at: datetime
    last_at: datetime
    count: int
    acts: Mapping[str, Alerted]
    summarised: bool = False

    @property
    def highest(self) -> Severity:
        """The worst of what alerted, which is the worst of all."""
        return max((alerted.severity for alerted in self.acts.values()), key=lambda severity: severity.rank)

    @property
    def needs_summary(self) -> bool:
        """Whether events were counted without an alert of their own, and no summary was sent yet."""
        return self.count > len(self.acts) and not self.summarised


class Step(StrEnum):
    """What an event does to a burst."""

    OPENS = "opens"
    COUNTS = "counts"
    STANDS_OUT = "stands_out"
    SEEN_BEFORE = "seen_before"
    TOO_MANY_ACTS = "too_many_acts"


@dataclass(frozen=True, kw_only=True)
class Joined:
    """What an event does to a burst, and the burst this makes. ended: one whose summary is still owed."""

    step: Step
    burst: Burst
    owes_summary: bool = False
    ended: Burst | None = None

    @property
    def alerts(self) -> bool:
        """Whether the event alerts."""
        return self.step in {Step.OPENS, Step.STANDS_OUT, Step.SEEN_BEFORE}


def join_burst(
    current: Burst | None,
    act: Act,
    now: datetime,
    *,
    length: timedelta = BURST_LENGTH,
    most_acts: int = MOST_ACTS,
) -> Joined:
    """Add an act to the current burst, or open one of that length. An event seen before alerts again."""
    first = Alerted(act.event, act.severity)
    if current is None or now >= current.ends_at:
        opened = Burst(opened_at=now, ends_at=now + length, last_at=now, count=1, acts={act.name: first})
        ended = current if current and current.needs_summary else None
        return Joined(step=Step.OPENS, burst=opened, ended=ended)
    before = current.acts.get(act.name)
    if before and before.event == act.event:
        return Joined(step=Step.SEEN_BEFORE, burst=current)
    if before or not (act.stands_out or act.severity.rank > current.highest.rank):
        return counted(current, now)
    if len(current.acts) >= most_acts:
        return Joined(step=Step.TOO_MANY_ACTS, burst=current)
    grown = replace(current, last_at=now, count=current.count + 1, acts={**current.acts, act.name: first})
    return Joined(step=Step.STANDS_OUT, burst=grown)


def counted(current: Burst, now: datetime) -> Joined:
    """Count one more event without an alert."""
    grown = replace(current, last_at=now, count=current.count + 1)
    return Joined(step=Step.COUNTS, burst=grown, owes_summary=not current.needs_summary)
