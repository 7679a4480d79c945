"""A burst: what came from one actor, whose it is, and what one more act does to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rootwarden.activity.outcomes import MOST_ACCOUNTS, MOST_NAMED, ActivitySummary, Actor
from rootwarden.contract.activities import Activity, Severity
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference

BURST_LENGTH = timedelta(minutes=15)
# What a burst remembers of acts; one more gets a burst of its own (see burst_grouping).
MOST_ACTS = 64
# What the incidents of records from an account's own queue begin with.
_COLLECTED = "collected"


@dataclass(frozen=True, kw_only=True)
class Act:
    """What one event shows. name: equal for acts that are alike. stands_out: alerts whatever else alerted.

    account: which one it reached for, where a burst is over many accounts. kind: what it is called where
    too many acts alerted: without the resource, whose name its caller may invent.
    """

    event: str
    name: str
    severity: Severity
    stands_out: bool = False
    account: AccountId | None = None
    kind: str | None = None


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


@dataclass(frozen=True, kw_only=True)
class BurstReference:
    """Whose burst it is. actor: None for all of an account. incident: keeps an actor's bursts apart.

    caller: the account whose alerts an act counts among, where it is not the one that the act is about.
    """

    account: AccountReference
    actor: Actor | None
    source_ip: str | None
    incident: str | None = None
    caller: AccountReference | None = None

    @property
    def key(self) -> str:
        """What is equal for events of one burst."""
        kind, arn = (self.actor.kind.value, self.actor.arn) if self.actor else (None, None)
        parts = (self.account.account_id, kind, arn, self.source_ip)
        key = "#".join(part or "" for part in parts)
        return f"{key}#{self.incident}" if self.incident else key

    @property
    def is_collected(self) -> bool:
        """Whether it is of records from an account's own queue, which may be forged."""
        return (self.incident or "").partition("#")[0] == _COLLECTED

    def apart(self) -> "BurstReference":
        """Return the burst for what this one's caller has in an account's own queue: it swallows no other."""
        return replace(self, incident="#".join(filter(None, (_COLLECTED, self.incident))))

    def of_account(self, severity: Severity) -> "BurstReference":
        """Return the burst that counts the calling account's alerts of one severity."""
        whose = self.caller or self.account
        reference = BurstReference(account=whose, actor=None, source_ip=None, incident=severity.value)
        return reference.apart() if self.is_collected else reference

    def summary(self, burst: Burst) -> ActivitySummary:
        """Sum the burst up."""
        return ActivitySummary(
            account=self.account,
            actor=self.actor,
            source_ip=self.source_ip,
            count=burst.count,
            alerted=len(burst.acts),
            highest=burst.highest,
            activities=burst.activities,
            first_at=burst.opened_at,
            last_at=burst.last_at,
            accounts=tuple(sorted(burst.accounts)[:MOST_NAMED]),
            account_count=len(burst.accounts),
            collected=self.is_collected,
        )
