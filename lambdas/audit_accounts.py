"""audit_accounts: a batch of accounts → a row each in the sweep's results; enforcing, hardened as well.

Asked for rows by an operator, it answers with them instead: what is no sweep leaves no results.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.accounts import AccountId
from rootwarden.aws import clients
from rootwarden.aws.accounts import OrganizationsDirectory
from rootwarden.aws.coverage_table import UnheardProbes
from rootwarden.aws.deadline import DEADLINE
from rootwarden.aws.errors import refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.hardening_records import HardeningRecords, PosturesTable
from rootwarden.aws.observability import logger
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.reports_bucket import SweepStore
from rootwarden.aws.root_session_pool import (
    PooledAuditSession,
    RootSessionPool,
    recording_client,
    sweep_sessions,
)
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import ClaimsTable, StateTable
from rootwarden.coverage.probes import ProbePlan
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.hardening.removal import CallRefused
from rootwarden.hardening.run import HardeningRun
from rootwarden.outcomes import utc_now
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.settings import AuditAccountsSettings
from rootwarden.sweep.accounts import ListedAccount
from rootwarden.sweep.batch import BatchAudit
from rootwarden.sweep.earlier_removals import EarlierRemovals
from rootwarden.sweep.judgement import Attempts, Judge, row_without_a_call
from rootwarden.sweep.probing import Prober
from rootwarden.sweep.rows import RowResult
from rootwarden.sweep.sweep import Sweep, SweepMode

# What writing the results takes at worst, in seconds.
_TO_WRITE = 10.0
# What "answer" in the payload takes.
_ROWS = "rows"
_TOLD = frozenset({RowResult.EXPOSED, RowResult.PARTIAL, RowResult.UNREACHABLE})


@dataclass(frozen=True)
class _Function:
    settings: AuditAccountsSettings
    pool: RootSessionPool
    hardening_pool: RootSessionPool
    organization: OrganizationsDirectory
    windows: RecoveryWindows
    records: HardeningRecords
    run: HardeningRun
    store: SweepStore
    unheard: UnheardProbes

    def handle(self, event: object, time_left: Callable[[], float]) -> dict[str, object]:
        sweep = Sweep.from_detail(Fields(event).object("BatchInput"))
        accounts = list(_readable(Fields(event).items("Items")))
        is_asked_for = Fields(event).optional_text("answer") == _ROWS
        judge = self._judge(sweep, time_left)
        batch = self._batch(judge)
        if not is_asked_for:
            batch = replace(batch, finish=self._prober(time_left))
        earlier = EarlierRemovals(
            removals=self.records,
            sweep_id=sweep.sweep_id,
            settle=judge.settle if judge.mode is SweepMode.ENFORCE else None,
        )
        rows = earlier.named_in(batch.rows(accounts))
        for pool in (self.pool, self.hardening_pool):
            pool.settle()
        if rows and not is_asked_for:
            self.store.write_rows(sweep, rows, batch=accounts[0].account_id)
        earlier.forget_named(rows)
        for row in rows:
            if row.result in _TOLD:
                logger.warning("account is not clean", sweep_id=sweep.sweep_id, row=row.to_detail())
        logger.info("accounts audited", sweep_id=sweep.sweep_id, listed=len(accounts), audited=len(rows))
        told = {"rows": [row.to_detail() for row in rows]} if is_asked_for else {}
        return {"audited": len(rows), **told}

    def _judge(self, sweep: Sweep, time_left: Callable[[], float]) -> Judge:
        return Judge(
            sweep=sweep,
            mode=sweep.mode or self.settings.sweep_mode,
            exemptions=self.settings.exemptions,
            organization=self.organization,
            recovery_window=self._window,
            harden=self._harden,
            attempts=Attempts(sleep=time.sleep, time_left=time_left, unforeseen=_unforeseen),
        )

    def _batch(self, judge: Judge) -> BatchAudit[PooledAuditSession]:
        return BatchAudit(
            pool=self.pool,
            settled=partial(row_without_a_call, self.settings.management_account_id),
            judge=judge,
            attempts=judge.attempts,
            clock=utc_now,
            threads=self.settings.threads,
        )

    def _prober(self, time_left: Callable[[], float]) -> Prober[PooledAuditSession]:
        settings = self.settings
        try:
            again = self.unheard.read() if settings.probed_regions else {}
        except CallRefused as refused:
            # These Regions' turn comes within the week all the same.
            logger.warning("Regions to probe again are not known", why=str(refused))
            again = {}
        plan = ProbePlan(
            regions=settings.probed_regions, within=timedelta(hours=settings.probe_turn_hours), again=again
        )
        return Prober(plan=plan, time_left=time_left, clock=utc_now, unforeseen=_unforeseen)

    def _window(self, account_id: AccountId) -> RecoveryWindow | None:
        with refusals():
            return self.windows.open_window(account_id)

    def _harden(self, announcement: Announcement) -> HardeningOutcome:
        with refusals():
            return self.run.run(announcement, attempt=1, is_last=True)


def _readable(items: Iterable[object]) -> Iterator[ListedAccount]:
    for item in items:
        try:
            yield ListedAccount.from_detail(Fields(item))
        except MalformedEvent as error:
            logger.error("item skipped", why=str(error))


def _unforeseen(error: Exception) -> None:
    logger.error("an account could not be audited", why=str(error), exc_info=error)


@cache
def _function() -> _Function:
    settings = AuditAccountsSettings.from_environment(os.environ)
    table = StateTable(recording_client(settings.threads), settings.state_table_name)
    sessions = sweep_sessions(settings.threads, settings.requests_per_second, SessionRegister(table, utc_now))
    organization, windows = OrganizationsDirectory(clients.organizations()), RecoveryWindows(table, utc_now)
    claims, records = ClaimsTable(table, "ACCOUNT", utc_now), HardeningRecords(windows, in_sweep=True)
    hardener = AccountHardener(
        organization=organization,
        sessions=sessions.hardening,
        memory=records,
        clock=utc_now,
        exemptions=settings.exemptions,
        remove_recently_used_keys=settings.remove_recently_used_keys,
    )
    run = HardeningRun(
        claims=claims,
        hardener=hardener,
        publish=OutcomeBus(clients.events(), settings.event_bus_name).publish,
        postures=PosturesTable(table, utc_now),
    )
    store = SweepStore(clients.s3(), settings.bucket_name)
    unheard = UnheardProbes(table, utc_now)
    return _Function(
        settings, sessions.audits, sessions.hardening, organization, windows, records, run, store, unheard
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Audit a batch of accounts; return how many have a row, and the rows themselves if asked for."""
    DEADLINE.begin(context)

    def time_left() -> float:
        return DEADLINE.seconds_left() - _TO_WRITE

    return _function().handle(event, time_left)
