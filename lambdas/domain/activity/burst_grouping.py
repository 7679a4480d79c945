"""Alerting once a burst: decides with the remembered burst whether an event alerts, and owes the summary."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from lambdas.domain.activity.bursts import BURST_LENGTH, Burst, Joined, join_burst
from lambdas.domain.activity.outcomes import ActivitySummary, Actor
from lambdas.domain.activity.severity import Severity
from lambdas.domain.claims import RetryLater
from lambdas.domain.outcomes import AccountReference, Outcome

_TRIES = 5
_MOMENT = timedelta(minutes=1)


class BurstMemory(Protocol):
    """Where bursts are kept between events."""

    def load(self, key: str) -> tuple[Burst | None, int]:
        """Return the burst and its version; (None, 0) where there is none."""

    def save(self, key: str, burst: Burst, version: int) -> bool:
        """Replace that version by the burst; False when somebody else was faster."""


@dataclass(frozen=True, kw_only=True)
class BurstReference:
    """Whose burst it is: same account, same actor, same address.

    session: the sign-in it belongs to, where one burst is one session.
    """

    account: AccountReference
    actor: Actor
    source_ip: str | None
    session: str | None = None

    @property
    def key(self) -> str:
        """What is equal for events of one burst."""
        parts = (self.account.account_id, self.actor.kind, self.actor.arn, self.source_ip)
        session = f"#{self.session}" if self.session else ""
        return "#".join(part or "" for part in parts) + session

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

    def alerts(
        self,
        reference: BurstReference,
        event: str,
        severity: Severity,
        *,
        lasts: timedelta = BURST_LENGTH,
    ) -> bool:
        """Add an event to its burst and say whether it alerts; raises RetryLater.

        lasts: how long the burst is, if this event opens one.
        """
        return self._join(reference, event, severity, lasts).alerts

    def summarise(self, reference: BurstReference, opened_at: datetime) -> bool:
        """Publish the summary of a burst that has ended; False when none is owed (any more).

        While the burst lasts it has itself called again; shortly before the end it raises RetryLater.
        """
        burst, version = self.memory.load(reference.key)
        if burst is None or burst.opened_at != opened_at or not burst.needs_summary:
            return False
        left = burst.ends_at - self.clock()
        # A reminder is delayed by 15 minutes at most, so a longer burst takes several.
        if left > _MOMENT:
            self.remind(reference, burst)
            return False
        if left > timedelta(0):
            raise RetryLater(f"the burst lasts until {burst.ends_at:%H:%M:%S}")
        self.publish(reference.summary(burst))
        self.memory.save(reference.key, replace(burst, summarised=True), version)
        return True

    def _join(self, reference: BurstReference, event: str, severity: Severity, lasts: timedelta) -> Joined:
        for _ in range(_TRIES):
            current, version = self.memory.load(reference.key)
            joined = join_burst(current, event, severity, self.clock(), lasts)
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
