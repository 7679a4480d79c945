"""Bursts: what came from one actor, and by it which acts alert, are counted or summed up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from rootwarden.activity.acts import Act, BurstReference
from rootwarden.activity.outcomes import MOST_ACCOUNTS, MOST_NAMED, ActivitySummary
from rootwarden.claims import RetryLater
from rootwarden.contract.activities import Activity, Severity
from rootwarden.events import AccountId
from rootwarden.outcomes import Outcome

BURST_LENGTH = timedelta(minutes=15)
# How many alerts of one severity, medium or lower, an account causes within a burst's length.
BUDGET = 10
# What a burst remembers of acts; one more gets a burst of its own.
MOST_ACTS = 64
_TRIES = 5


@dataclass(frozen=True)
class AlertedEvent:
    """The first event of an act, which alerted."""

    event: str
    severity: Severity


@dataclass(frozen=True, kw_only=True)
class Burst:
    """What came from one actor since opened_at. acts: those that alerted, by name. accounts: see Act."""

    opened_at: datetime
    ends_at: datetime
    last_at: datetime
    count: int
    acts: Mapping[str, AlertedEvent]
    accounts: frozenset[AccountId] = frozenset()
    summarised: bool = False

    @property
    def highest(self) -> Severity:
        """The worst of what alerted, which is the worst of all."""
        return max((alerted.severity for alerted in self.acts.values()), key=lambda severity: severity.rank)

    @property
    def activities(self) -> tuple[Activity, ...]:
        """What alerted as critical or high; lesser acts are not told apart by name."""
        named = {name.partition("#")[0] for name in self.acts}
        return tuple(activity for activity in Activity if activity in named)

    @property
    def needs_summary(self) -> bool:
        """Whether events were counted without an alert of their own, and no summary was sent yet."""
        return self.count > len(self.acts) and not self.summarised


class BurstEffect(StrEnum):
    """What an event does to a burst."""

    OPENS = "opens"
    COUNTS = "counts"
    STANDS_OUT = "stands_out"
    SEEN_BEFORE = "seen_before"
    TOO_MANY_ACTS = "too_many_acts"


@dataclass(frozen=True, kw_only=True)
class BurstChange:
    """What an event does to a burst, and the burst this makes. ended: one whose summary is still owed."""

    step: BurstEffect
    burst: Burst
    owes_summary: bool = False
    ended: Burst | None = None

    @property
    def alerts(self) -> bool:
        """Whether the event alerts."""
        return self.step in {BurstEffect.OPENS, BurstEffect.STANDS_OUT, BurstEffect.SEEN_BEFORE}


def join_burst(
    current: Burst | None,
    act: Act,
    now: datetime,
    *,
    length: timedelta = BURST_LENGTH,
    most_acts: int = MOST_ACTS,
) -> BurstChange:
    """Add an act to the current burst, or open one of that length. An event seen before alerts again."""
    first = AlertedEvent(act.event, act.severity)
    if current is None or now >= current.ends_at:
        opened = Burst(
            opened_at=now,
            ends_at=now + length,
            last_at=now,
            count=1,
            acts={act.name: first},
            accounts=_joined(frozenset(), act),
        )
        ended = current if current and current.needs_summary else None
        return BurstChange(step=BurstEffect.OPENS, burst=opened, ended=ended)
    before = current.acts.get(act.name)
    if before and before.event == act.event:
        return BurstChange(step=BurstEffect.SEEN_BEFORE, burst=current)
    if before or not (act.stands_out or act.severity.rank > current.highest.rank):
        return counted(current, act, now)
    if len(current.acts) >= most_acts:
        return BurstChange(step=BurstEffect.TOO_MANY_ACTS, burst=current)
    grown = replace(_grown(current, act, now), acts={**current.acts, act.name: first})
    return BurstChange(step=BurstEffect.STANDS_OUT, burst=grown)


def counted(current: Burst, act: Act, now: datetime) -> BurstChange:
    """Count one more event without an alert."""
    grown = _grown(current, act, now)
    return BurstChange(step=BurstEffect.COUNTS, burst=grown, owes_summary=not current.needs_summary)


def _grown(current: Burst, act: Act, now: datetime) -> Burst:
    accounts = _joined(current.accounts, act)
    return replace(current, last_at=now, count=current.count + 1, accounts=accounts)


def _joined(accounts: frozenset[AccountId], act: Act) -> frozenset[AccountId]:
    is_full = len(accounts) >= MOST_ACCOUNTS
    return accounts if act.account is None or is_full else accounts | {act.account}


class BurstMemory(Protocol):
    """Where bursts are kept between events. Counting never conflicts with counting."""

    def load(self, key: str) -> Burst | None:
        """Return the burst; None where there is none."""

    def open(self, key: str, burst: Burst, *, instead_of: Burst | None) -> bool:
        """Keep a new burst; False when another one was opened meanwhile."""

    def count(self, key: str, burst: Burst) -> bool:
        """Count one more event in a burst; False when another one took its place."""

    def remember(self, key: str, burst: Burst, act: str) -> bool:
        """Count one more event and keep its act; False when the act is there, or the burst is another one."""

    def summarised(self, key: str, burst: Burst) -> None:
        """Put down that a burst's summary was sent."""


@dataclass(frozen=True, kw_only=True)
class BurstGrouping:
    """Groups events. remind: has summarise called with the same reference at the given time, or before."""

    memory: BurstMemory
    publish: Callable[[Outcome], None]
    remind: Callable[[BurstReference, Burst], None]
    clock: Callable[[], datetime]

    def alerts(
        self,
        reference: BurstReference,
        act: Act,
        *,
        length: timedelta = BURST_LENGTH,
        known: Mapping[str, Burst | None] | None = None,
    ) -> bool:
        """Add an act to its burst and say whether it alerts; raises RetryLater, never for a critical act.

        known: bursts that were just loaded, by their keys. One that changed since is loaded again.
        """
        try:
            return self._alerts(reference, act, length, dict(known or {}))
        except RetryLater:
            if act.severity is Severity.CRITICAL:
                # The alert first: a count that is one short costs less than an alert that waits.
                return True
            raise

    def summarise(self, reference: BurstReference, opened_at: datetime) -> bool:
        """Publish the summary of a burst that has ended; False when none is owed, yet or any more."""
        burst = self.memory.load(reference.key)
        if burst is None or burst.opened_at != opened_at or not burst.needs_summary:
            return False
        if self.clock() < burst.ends_at:
            self.remind(reference, burst)
            return False
        self.publish(_summary(reference, burst))
        self.memory.summarised(reference.key, burst)
        return True

    def _alerts(
        self, reference: BurstReference, act: Act, length: timedelta, known: dict[str, Burst | None]
    ) -> bool:
        for _ in range(_TRIES):
            current = self._load(reference.key, known)
            joined = join_burst(current, act, self.clock(), length=length)
            if joined.step is BurstEffect.TOO_MANY_ACTS:
                act = replace(act, name=act.kind or act.name)
                own = "#".join(filter(None, (reference.incident, act.name)))
                return self._alerts(replace(reference, incident=own), act, length, known)
            # Before a burst is opened: a caller under a thousand names gets one summary, not a thousand.
            if joined.alerts and not self._is_affordable(reference, act, known):
                return False
            if self._keep(reference, current, joined, act):
                return joined.alerts
        raise RetryLater("too many events of one burst at the same moment")

    def _load(self, key: str, known: dict[str, Burst | None]) -> Burst | None:
        # What is known serves once: who is told that another event was faster must see what that one did.
        return known.pop(key) if key in known else self.memory.load(key)

    def _is_affordable(self, reference: BurstReference, act: Act, known: dict[str, Burst | None]) -> bool:
        """Say whether the account may have this alert; one that it may not have is counted."""
        if not _has_budget(act):
            return True
        account = reference.of_account(act.severity)
        alert = replace(act, name=act.event, stands_out=True, account=None)
        for _ in range(_TRIES):
            current, now = self._load(account.key, known), self.clock()
            joined = join_burst(current, alert, now, most_acts=BUDGET)
            if joined.step is BurstEffect.TOO_MANY_ACTS:
                joined = counted(joined.burst, alert, now)
            if self._keep(account, current, joined, alert):
                return joined.alerts
        raise RetryLater("too many alerts of one account at the same moment")

    def _keep(self, reference: BurstReference, current: Burst | None, joined: BurstChange, act: Act) -> bool:
        """Keep what an event did to a burst; False when another event was faster."""
        # Before keeping it: a crash in between leaves a summary or reminder too many, never one too few.
        if joined.ended:
            self.publish(_summary(reference, joined.ended))
        if joined.owes_summary:
            self.remind(reference, joined.burst)
        match joined.step:
            case BurstEffect.OPENS:
                return self.memory.open(reference.key, joined.burst, instead_of=current)
            case BurstEffect.COUNTS:
                return self.memory.count(reference.key, joined.burst)
            case BurstEffect.STANDS_OUT:
                return self.memory.remember(reference.key, joined.burst, act.name)
            case _:
                return True


def bursts_needed(reference: BurstReference, act: Act) -> tuple[str, ...]:
    """Return the keys of the bursts that decide whether an act alerts."""
    of_account = (reference.of_account(act.severity).key,) if _has_budget(act) else ()
    return (reference.key, *of_account)


def _has_budget(act: Act) -> bool:
    # What stands out though it is medium is grave, and was lowered: by a recovery window, or as expected.
    return act.severity.rank <= Severity.MEDIUM.rank and not act.stands_out


def _summary(reference: BurstReference, burst: Burst) -> ActivitySummary:
    """Sum the burst up."""
    return ActivitySummary(
        account=reference.account,
        actor=reference.actor,
        source_ip=reference.source_ip,
        count=burst.count,
        alerted=len(burst.acts),
        highest=burst.highest,
        activities=burst.activities,
        first_at=burst.opened_at,
        last_at=burst.last_at,
        accounts=tuple(sorted(burst.accounts)[:MOST_NAMED]),
        account_count=len(burst.accounts),
        collected=reference.is_collected,
    )
