"""Each event joins a burst; what then alerts, is only counted, or is summed up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from rootwarden.activity.bursts import (
    BURST_LENGTH,
    Act,
    Burst,
    BurstChange,
    BurstEffect,
    BurstReference,
    counted,
    join_burst,
)
from rootwarden.activity.root_activity import Severity
from rootwarden.claims import RetryLater
from rootwarden.outcomes import Outcome

# How many alerts of one severity, medium or lower, an account causes within a burst's length.
BUDGET = 10
_TRIES = 5


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
        self.publish(reference.summary(burst))
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
            self.publish(reference.summary(joined.ended))
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
