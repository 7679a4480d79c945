"""What is remembered from record to record, and by it which events alert, are counted or summed up."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import structs

from rootwarden.accounts import Directory
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
from rootwarden.activity.outcomes import ActivitySummary
from rootwarden.claims import RetryLater
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused

# How many alerts of one severity, medium or lower, an account causes within a burst's length.
BUDGET = 10
_TRIES = 5


class NameMemory(Protocol):
    """What functions remember of accounts for an hour, together."""

    def account(self, account_id: AccountId) -> AccountReference | None:
        """Return what is remembered of an account, None where nothing is."""

    def remember_account(self, account_id: AccountId, account: AccountReference) -> None:
        """Remember an account, also one that has no name because Organizations does not know it."""


@dataclass(frozen=True)
class AccountNames:
    """Names from memory, or else from Organizations."""

    memory: NameMemory
    organization: Directory

    def of(self, account_id: AccountId) -> AccountReference:
        """Return the account with its name, by its id alone where Organizations does not answer."""
        return self.memory.account(account_id) or self.asked(account_id)

    def asked(self, account_id: AccountId) -> AccountReference:
        """Return what Organizations says, and remember it; by its id alone where it does not answer."""
        try:
            account = self.organization.describe(account_id)
        except CallRefused:
            # An alert without the account's name is worth more than no alert.
            return AccountReference(account_id=account_id)
        reference = AccountReference.of(account) if account else AccountReference(account_id=account_id)
        self.memory.remember_account(account_id, reference)
        return reference

    def named(self, outcome: Outcome) -> Outcome:
        """Return an outcome of grouping with its account's name: a burst knows the id alone."""
        if isinstance(outcome, ActivitySummary) and outcome.account.account_id:
            return structs.replace(outcome, account=self.of(outcome.account.account_id))
        return outcome


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What was on record at one moment. bursts: by their keys; None: there is none.

    account: with its name, None where nobody asked within the hour.
    """

    window: RecoveryWindow | None
    account: AccountReference | None
    bursts: Mapping[str, Burst | None]


class ActivityMemory(NameMemory, Protocol):
    """What is remembered across records."""

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this key: OURS, NEVER_USED, an ARN, or None when unknown."""

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""

    def recall(self, account_id: AccountId, bursts: Collection[str]) -> Recalled:
        """Return in one look what an alert on an account depends on: window, name, bursts by their keys."""

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None when it was not reported, or long ago."""

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported, and how bad it was said to be."""

    def root_event_arrived(self, account_id: AccountId, at: datetime) -> None:
        """Put on record that an event of root arrived by the account's own alarm path, and when."""

    def path_worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Put on record that a session of ours, at that time, shows the alarm path to work."""


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
