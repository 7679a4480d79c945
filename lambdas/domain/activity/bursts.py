"""Grouping: same account, principal and address within 15 minutes alert once; one summary follows."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambdas.domain.activity.severity import Severity

BURST_LENGTH = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Burst:
    """What came from one account, principal and address since opened_at. alerted: events that alerted."""

    opened_at: datetime
    last_at: datetime
    count: int
    highest: Severity
    alerted: tuple[str, ...]
    summarised: bool = False
    length: timedelta = BURST_LENGTH

    @property
    def ends_at(self) -> datetime:
        """When the summary is due."""
        return self.opened_at + self.length

    @property
    def needs_summary(self) -> bool:
        """Whether events were counted without an alert of their own, and nobody was told yet."""
        return self.count > len(self.alerted) and not self.summarised


@dataclass(frozen=True, kw_only=True)
class Joined:
    """What an event does to a burst. ended: an earlier burst whose summary is still owed."""

    burst: Burst
    alerts: bool
    owes_summary: bool = False
    ended: Burst | None = None


def join_burst(
    current: Burst | None,
    event: str,
    severity: Severity,
    now: datetime,
    length: timedelta = BURST_LENGTH,
) -> Joined:
    """Add an event to the current burst, or open one that lasts for `length`.

    An event seen before gets the answer it got.
    """
    if current is None or now >= current.ends_at:
        opened = Burst(opened_at=now, last_at=now, count=1, highest=severity, alerted=(event,), length=length)
        ended = current if current and current.needs_summary else None
        return Joined(burst=opened, alerts=True, ended=ended)
    if event in current.alerted:
        return Joined(burst=current, alerts=True)
    grown = replace(current, last_at=now, count=current.count + 1)
    if severity.rank > current.highest.rank:
        raised = replace(grown, highest=severity, alerted=(*current.alerted, event))
        return Joined(burst=raised, alerts=True)
    return Joined(burst=grown, alerts=False, owes_summary=not current.needs_summary)
