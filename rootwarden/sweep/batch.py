"""Auditing a batch of accounts at once: two calls an account, whatever becomes of the others.

Some threads open root sessions, others use them; in between, sessions are put on record together,
because each must be on record before its first call. Steps are tried again, so that no account gets lost.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from threading import Condition
from typing import Generic, Protocol, TypeVar

from rootwarden.accounts import Account
from rootwarden.coverage.probes import Probe
from rootwarden.events import AccountId
from rootwarden.hardening.removal import AuditSession, Preview
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import Posture
from rootwarden.sweep.sweep import AccountRow, RowResult, each_once

S = TypeVar("S", bound=AuditSession)
T = TypeVar("T")

# As many as the state table takes in one request; and for how many seconds sessions, which end
# after two minutes, may wait until there are as many.
RECORDED_TOGETHER = 25
_PATIENCE = 10.0
# Pauses begin short, because a batch waits for its slowest account, and every request waits for its
# turn besides.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 16.0
# Of what is not throttling: who only asks to slow down is asked for as long as there is time.
_MOST_TRIES = 5
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


@dataclass(frozen=True)
class Failed:
    """What a step ended with: AWS's own code and message, or the name of an unforeseen error."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Runs steps, and tries them again. unforeseen: is called with an error that is not AWS's answer.

    time_left: how many seconds are left for trying again. chance: a number from 0 to 1, by which pauses
    are shortened, so that what was refused together does not come back together.
    """

    sleep: Callable[[float], None]
    time_left: Callable[[], float]
    unforeseen: Callable[[Exception], None]
    chance: Callable[[], float] = random.random

    def at(self, step: Callable[[], T]) -> T | Failed:
        """Return what the step returns, or what it failed with in the end; raises nothing."""
        tries, longest = 1, _FIRST_PAUSE
        while True:
            pause = longest * self.chance()
            try:
                return step()
            except CallRefused as refused:
                if not _is_worth_trying(refused, tries) or self.time_left() <= pause:
                    return Failed(refused.code, refused.message)
            except Exception as error:  # noqa: BLE001 - one account never sinks the others
                self.unforeseen(error)
                return Failed(type(error).__name__, str(error))
            self.sleep(pause)
            tries, longest = tries + 1, min(2 * longest, _LONGEST_PAUSE)


def _is_worth_trying(refused: CallRefused, tries: int) -> bool:
    return refused.code in _THROTTLED or (refused.is_transient and tries < _MOST_TRIES)


class SessionPool(Protocol[S]):
    """Where audit sessions come from. Both methods raise CallRefused."""

    def open(self, account_id: AccountId) -> S:
        """Open a session that is not on record yet."""

    def put_on_record(self, sessions: Sequence[S]) -> None:
        """Put sessions on record, so that they may be used."""


@dataclass(frozen=True, kw_only=True)
class BatchAudit(Generic[S]):
    """Audits batches of accounts.

    look_closer: says of an exposed account what a hardening would come to.
    settled: the row of an account that needs no call, None for any other. judge: completes the row of
    an account whose posture is known. probe: uses its session for probes of other Regions; raises nothing.
    """

    pool: SessionPool[S]
    settled: Callable[[Account, datetime], AccountRow | None]
    judge: Callable[[AccountRow], AccountRow]
    attempts: Attempts
    clock: Callable[[], datetime]
    threads: int
    probe: Callable[[AccountId, S], tuple[Probe, ...]] = lambda _account_id, _session: ()
    look_closer: Callable[[S, Posture], Preview | None] = lambda _session, _posture: None

    def rows(self, accounts: Sequence[Account]) -> list[AccountRow]:
        """Return a row for each account that could be finished in the time that was left."""
        rows = {account: self.settled(account, self.clock()) for account in each_once(accounts)}
        rest = [account for account, row in rows.items() if row is None]
        return [row for row in rows.values() if row] + self._audit(rest)

    def _audit(self, accounts: Sequence[Account]) -> list[AccountRow]:
        with _threads(self.threads) as opening, _threads(self.threads) as looking:
            batch = _Batch(self, looking, unopened=len(accounts), unfinished=len(accounts))
            for account in accounts:
                opening.submit(batch.open, account)
            while batch.is_unfinished(min(_PATIENCE, self.attempts.time_left())):
                if self.attempts.time_left() <= 0:
                    break
                batch.look_at_waiting(at_least=1)
            return list(batch.rows)

    def open(self, account: Account) -> S | Failed:
        """Open a session that is not on record yet."""
        return self.attempts.at(lambda: self.pool.open(account.account_id))

    def look(self, account: Account, session: S) -> AccountRow:
        """Use a session that is on record."""
        posture = self.attempts.at(session.posture)
        if isinstance(posture, Failed):
            return self.unreachable(account, posture)
        found = AccountRow(
            account=account,
            result=RowResult.CLEAN if posture.is_clean else RowResult.EXPOSED,
            audited_at=self.clock(),
            posture=posture,
        )
        if not posture.is_clean:
            found = replace(found, preview=self._preview(session, posture))
        row = self.attempts.at(lambda: self.judge(found))
        if isinstance(row, Failed):
            row = replace(found, code=row.code, message=row.message)
        return replace(row, probes=self.probe(account.account_id, session))

    def _preview(self, session: S, posture: Posture) -> Preview | None:
        seen = self.attempts.at(lambda: self.look_closer(session, posture))
        return None if isinstance(seen, Failed) else seen

    def unreachable(self, account: Account, failed: Failed) -> AccountRow:
        """Return the row of an account that no one could look into."""
        return AccountRow(
            account=account,
            result=RowResult.UNREACHABLE,
            audited_at=self.clock(),
            code=failed.code,
            message=failed.message,
        )


@dataclass
class _Batch(Generic[S]):
    """One batch on its way: what its threads share."""

    audit: BatchAudit[S]
    looking: ThreadPoolExecutor
    unopened: int
    unfinished: int
    waiting: list[tuple[Account, S]] = field(default_factory=list)
    rows: list[AccountRow] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def is_unfinished(self, seconds: float) -> bool:
        """Wait until every account has its row, at most so long; say whether one has none."""
        with self.changed:
            return not self.changed.wait_for(lambda: not self.unfinished, max(seconds, 0))

    def open(self, account: Account) -> None:
        """Open an account's session; the thread that opens the last of a group puts the group on record."""
        session = self.audit.open(account)
        with self.changed:
            self.unopened -= 1
            if not isinstance(session, Failed):
                self.waiting.append((account, session))
        if isinstance(session, Failed):
            self._finish(self.audit.unreachable(account, session))
        self.look_at_waiting(at_least=RECORDED_TOGETHER)

    def look_at_waiting(self, at_least: int) -> None:
        """Have the sessions that wait used, if there are enough of them or none will join them."""
        while group := self._group(at_least):
            sessions = [session for _, session in group]
            failed = self.audit.attempts.at(partial(self.audit.pool.put_on_record, sessions))
            for account, session in group:
                if isinstance(failed, Failed):
                    self._finish(self.audit.unreachable(account, failed))
                else:
                    self.looking.submit(self._look, account, session)

    def _group(self, at_least: int) -> list[tuple[Account, S]]:
        with self.changed:
            if self.unopened and len(self.waiting) < at_least:
                return []
            group, self.waiting = self.waiting[:RECORDED_TOGETHER], self.waiting[RECORDED_TOGETHER:]
            return group

    def _look(self, account: Account, session: S) -> None:
        self._finish(self.audit.look(account, session))

    def _finish(self, row: AccountRow) -> None:
        with self.changed:
            self.rows.append(row)
            self.unfinished -= 1
            if not self.unfinished:
                self.changed.notify_all()


@contextmanager
def _threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads; what they have not begun at the end is dropped, what they are at is not waited for."""
    executor = ThreadPoolExecutor(number)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
