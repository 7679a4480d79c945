"""Alerting once a burst: decides with the remembered burst whether an event alerts, and owes the summary."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from lambdas.domain.activity.bursts import Burst, Joined, join_burst
from lambdas.domain.activity.outcomes import ActivitySummary, Actor
from lambdas.domain.activity.severity import Severity
from lambdas.domain.claims import RetryLater
from lambdas.domain.outcomes import AccountReference, Outcome

_TRIES = 5


class BurstMemory(Protocol):
    """Where bursts are kept between events."""

    def load(self, key: str) -> tuple[Burst | None, int]:
        """Return the burst and its version; (None, 0) where there is none."""

    def save(self, key: str, burst: Burst, version: int) -> bool:
        """Replace that version by the burst; False when somebody else was faster."""


@dataclass(frozen=True, kw_only=True)
class BurstReference:
    """Whose burst it is: same account, same actor, same address."""

    account: AccountReference
    actor: Actor
    source_ip: str | None

    @property
    def key(self) -> str:
        """What is equal for events of one burst."""
        parts = (self.account.account_id, self.actor.kind, self.actor.arn, self.source_ip)
        return "#".join(part or "" for part in parts)

    def summary(self, burst: Burst) -> ActivitySummary:
        """Sum the burst up."""
        return ActivitySummary(
            account=self.account,
            actor=self.actor,
            source_ip=self.source_ip,
            count=burst.count,
            highest=burst.highest,
            first_at=burst.opened_at,
            last_at=burst.last_at,
        )


@dataclass(frozen=True, kw_only=True)
class BurstGrouping:
    """Groups events. remind: has summarise called with the same reference at the given time."""

    memory: BurstMemory
    publish: Callable[[Outcome], None]
    remind: Callable[[BurstReference, Burst], None]
    clock: Callable[[], datetime]

    def alerts(self, reference: BurstReference, event: str, severity: Severity) -> bool:
        """Add an event to its burst and say whether it alerts; raises RetryLater."""
        return self._join(reference, event, severity).alerts

    def summarise(self, reference: BurstReference, opened_at: datetime) -> bool:
        """Publish the summary of a burst that has ended; False when none is owed (any more).

        Raises RetryLater while the burst lasts.
        """
        burst, version = self.memory.load(reference.key)
        if burst is None or burst.opened_at != opened_at or not burst.needs_summary:
            return False
        if self.clock() < burst.ends_at:
            raise RetryLater(f"the burst lasts until {burst.ends_at:%H:%M:%S}")
        self.publish(reference.summary(burst))
        self.memory.save(reference.key, replace(burst, summarised=True), version)
        return True

    def _join(self, reference: BurstReference, event: str, severity: Severity) -> Joined:
        for _ in range(_TRIES):
            current, version = self.memory.load(reference.key)
            joined = join_burst(current, event, severity, self.clock())
            if joined.burst == current:
                return joined
            # Before the save: a crash in between leaves a summary or reminder too many, never one too few.
            if joined.ended:
                self.publish(reference.summary(joined.ended))
            if joined.owes_summary:
                self.remind(reference, joined.burst)
            if self.memory.save(reference.key, joined.burst, version):
                return joined
        raise RetryLater("too many events of one burst at the same moment")
