"""The audit of a batch of accounts, made from the function's settings."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import Self

from rootwarden.accounts import Account
from rootwarden.aws.account_hardening import hardening_run
from rootwarden.aws.clients import DEADLINE, logger, organizations, refusals, s3
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.hardening_records import HardeningRecords, PosturesTable
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.root_session_pool import (
    PooledAuditSession,
    SweepSessions,
    recording_client,
    sweep_sessions,
)
from rootwarden.aws.root_sessions import AnnouncingRegister
from rootwarden.aws.state_table import NotWritten, StateTable
from rootwarden.aws.sweep_records import SweepStore, UnheardProbes, attempt_name
from rootwarden.contract.configured import HardeningModes, Mode
from rootwarden.contract.functions import Caller
from rootwarden.contract.settings import AuditAccountsSettings
from rootwarden.coverage.probes import ProbePlan, Prober
from rootwarden.events import AccountId
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.outcome import HardeningOutcome, PostureRecord
from rootwarden.hardening.removal import Preview, preview
from rootwarden.hardening.run import HardeningRun
from rootwarden.outcomes import utc_now
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import KeepRule, Posture
from rootwarden.sweep.batch import Attempts, BatchAudit
from rootwarden.sweep.row_judge import EarlierRemovals, Judge, row_without_a_call
from rootwarden.sweep.sweep import AccountRow, Sweep

# What writing the results takes at worst, in seconds.
_TO_WRITE = 10.0


@dataclass(frozen=True)
class BatchAuditor:
    """Audits batches of accounts and, as the sweep's mode says, hardens them. run: made when first needed."""

    settings: AuditAccountsSettings
    sessions: SweepSessions
    records: HardeningRecords
    run: Callable[[], HardeningRun]
    store: SweepStore
    unheard: UnheardProbes
    postures: PosturesTable

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make one as the function is configured; raises InvalidSetting."""
        settings = AuditAccountsSettings.from_environment(environ)
        table = StateTable(recording_client(settings.threads), settings.state_table_name)
        publish = OutcomeBus.of(settings).publish
        register = AnnouncingRegister(table, publish)
        sessions = sweep_sessions(settings.threads, settings.requests_per_second, register)
        records = HardeningRecords(table, in_sweep=True)
        return cls(
            settings=settings,
            sessions=sessions,
            records=records,
            run=cache(partial(hardening_run, settings, table, sessions.hardening, records, HardeningModes())),
            store=SweepStore(s3(), settings.bucket_name),
            unheard=UnheardProbes(table),
            postures=PosturesTable(table),
        )

    def rows(self, sweep: Sweep, accounts: Sequence[Account], caller: Caller) -> list[AccountRow]:
        """Return a row for each account there was time for.

        For a sweep, the accounts' other Regions are probed as well, and the rows kept for its report; for a
        person nothing is removed.
        """
        keeps = caller is Caller.SWEEP
        if not keeps:
            sweep = replace(sweep, mode=Mode.OBSERVE)
        judge = self._judge(sweep)
        batch = self._batch(judge)
        if keeps:
            batch = replace(batch, probe=self._prober())
        earlier = EarlierRemovals(
            removals=self.records,
            sweep_id=sweep.sweep_id,
            settle=judge.settle if judge.mode is Mode.ENFORCE else None,
        )
        rows = earlier.named_in(batch.rows(accounts))
        for pool in (self.sessions.audits, self.sessions.hardening):
            pool.settle()
        if rows and keeps:
            self.store.write_rows(sweep, rows, batch=accounts[0].account_id, attempt=attempt_name())
        self._forget_named(earlier, rows)
        if keeps:
            self._keep_seen(rows)
        return rows

    def _forget_named(self, earlier: EarlierRemovals, rows: Sequence[AccountRow]) -> None:
        try:
            with refusals():
                earlier.forget_named(rows)
        except CallRefused as refused:
            # The rows are written: the audit is not made again for this.
            logger.error("what was named stays on record", why=str(refused))

    def _keep_seen(self, rows: Sequence[AccountRow]) -> None:
        try:
            seen = (PostureRecord.of(row.account, row.posture, row.result, row.audited_at) for row in rows)
            self.postures.save_seen(filter(None, seen))
        except (CallRefused, NotWritten) as error:
            # The rows are written: the audit is not made again for this.
            logger.error("what was seen is not kept", why=str(error))

    def _judge(self, sweep: Sweep) -> Judge:
        return Judge(
            sweep=sweep,
            mode=sweep.mode or self.settings.sweep_mode,
            exemptions=self.settings.exemptions,
            organization=OrganizationsDirectory(organizations()),
            recovery_window=self._window,
            harden=self._harden,
            attempts=Attempts(sleep=time.sleep, time_left=_time_left, unforeseen=_unforeseen),
        )

    def _batch(self, judge: Judge) -> BatchAudit[PooledAuditSession]:
        return BatchAudit(
            pool=self.sessions.audits,
            settled=partial(row_without_a_call, self.settings.management_account_id),
            judge=judge,
            attempts=judge.attempts,
            clock=utc_now,
            threads=self.settings.threads,
            look_closer=self._look_closer,
        )

    def _look_closer(self, session: PooledAuditSession, posture: Posture) -> Preview:
        days = self.settings.keep_used_within_days
        return preview(session, posture, KeepRule(now=utc_now(), days=days))

    def _prober(self) -> Prober[PooledAuditSession]:
        settings = self.settings
        try:
            again = self.unheard.read() if settings.probed_regions else {}
        except CallRefused as refused:
            # These Regions' turn comes within the week all the same.
            logger.warning("Regions to probe again are not known", why=str(refused))
            again = {}
        within = timedelta(hours=settings.probe_turn_hours)
        plan = ProbePlan(regions=settings.probed_regions, within=within, again=again)
        return Prober(plan=plan, time_left=_time_left, clock=utc_now, unforeseen=_unforeseen)

    def _window(self, account_id: AccountId) -> RecoveryWindow | None:
        with refusals():
            return self.records.recovery_window(account_id)

    def _harden(self, announcement: Announcement) -> HardeningOutcome:
        with refusals():
            return self.run().run(announcement, attempt=1, is_last=True)


def _time_left() -> float:
    return DEADLINE.seconds_left() - _TO_WRITE


def _unforeseen(error: Exception) -> None:
    logger.error("an account could not be audited", why=str(error), exc_info=error)
