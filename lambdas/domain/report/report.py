"""The report: every account of one sweep, the organization's checks, and what changed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.outcomes import VERSION, iso
from lambdas.domain.report.account_checks import forwarding, stale_accounts
from lambdas.domain.report.account_row import AccountRow
from lambdas.domain.report.alert_subscriptions import Recipients, alert_subscriptions
from lambdas.domain.report.changes import Changes, compare
from lambdas.domain.report.checks import Answers, Check, organization_checks
from lambdas.domain.report.controls import CONTROLS, Statuses, controls_of
from lambdas.domain.report.entries import AccountMemory, Entry, entry_of
from lambdas.domain.report.gathering import Gathered, Source, gather, shortened
from lambdas.domain.report.member_stacks import Instance, member_stacks
from lambdas.domain.report.previous import PreviousReport, read_previous
from lambdas.domain.report.totals import HistoryEntry, Totals, extended
from lambdas.domain.report.undelivered import gather_undelivered, undelivered
from lambdas.domain.root_credentials import CredentialKind, Posture
from lambdas.domain.sweep import Sweep
from lambdas.domain.sweep_rows import RowResult
from lambdas.domain.undelivered.findings import Findings


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a report is made from. previous: None for the first sweep. missing: what could not be had.

    recall: what is known of accounts besides the sweep; raises CallRefused. undelivered: what accounts
    could not send. members: the StackSet's instances, None where the hub cannot see them.
    """

    accounts: Source
    results: Mapping[str, Source]
    previous: Source | None
    answers: Answers
    recall: Callable[[Collection[AccountId]], AccountMemory]
    undelivered: Mapping[str, Source] = field(default_factory=dict)
    recipients: Recipients
    members: Sequence[Instance] | CallRefused | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The organization a report is of."""

    organization_id: str
    hub: AccountId
    management: AccountId


@dataclass(frozen=True, kw_only=True)
class Report:
    """One sweep's report. open_findings: accounts with a finding in Security Hub that is not resolved.

    unreached: configured addresses that get no alerts.
    """

    sweep: Sweep
    finished_at: datetime
    organization_id: str
    previous: PreviousReport
    entries: tuple[Entry, ...]
    checks: tuple[Check, ...]
    changes: Changes
    history: tuple[HistoryEntry, ...]
    missing: tuple[str, ...]
    undelivered: Findings = field(default_factory=Findings)
    open_findings: frozenset[AccountId] = field(default=frozenset())
    unreached: tuple[str, ...] = ()

    @property
    def totals(self) -> Totals:
        """The sweep's totals."""
        return self.history[-1].totals

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form; its schema is in docs/report.md."""
        return {
            "version": VERSION,
            **self.sweep.to_detail(),
            "finishedAt": iso(self.finished_at),
            "organizationId": self.organization_id,
            "previousSweepId": self.previous.sweep_id,
            "totals": self.totals.to_detail(),
            "checks": [check.to_detail() for check in self.checks],
            "changes": self.changes.to_detail(),
            "missing": list(self.missing),
            "undelivered": self.undelivered.to_detail(),
            "controls": [control.to_detail() for control in CONTROLS],
            "openFindings": sorted(self.open_findings),
            "history": [entry.to_detail() for entry in self.history],
            "accounts": [entry.to_detail() for entry in self.entries],
        }


def make_report(sweep: Sweep, sources: Sources, setting: Setting, *, at: datetime) -> Report:
    """Make the report of what there is; never raises for what is missing or unreadable."""
    gathered = gather(sources.accounts, sources.results, at=at)
    previous = read_previous(sources.previous)
    memory, forgotten = _recall(sources, gathered)
    waiting, unread = gather_undelivered(sources.undelivered)
    entries = _entries(gathered.rows, previous, sources, memory)
    now = HistoryEntry(sweep_id=sweep.sweep_id, finished_at=at, totals=Totals.of(gathered.rows))
    checks = (
        *organization_checks(sources.answers, hub=setting.hub, management=setting.management),
        forwarding(entries, refused=memory.refused, at=at),
        stale_accounts(entries, knows_before=not previous.missing),
        undelivered(waiting, accounts=len(gathered.rows), at=at),
        alert_subscriptions(sources.recipients),
        member_stacks(sources.members),
    )
    return Report(
        sweep=sweep,
        finished_at=at,
        organization_id=setting.organization_id,
        previous=previous,
        entries=entries,
        checks=checks,
        changes=compare(gathered.rows, previous.accounts) if previous.sweep_id else Changes(),
        history=extended(previous.history, now),
        missing=shortened([*sources.missing, *previous.missing, *forgotten, *gathered.missing, *unread]),
        undelivered=waiting,
        open_findings=previous.open_findings,
        unreached=tuple(address for address, _ in sources.recipients.unreached()),
    )


def _recall(sources: Sources, gathered: Gathered) -> tuple[AccountMemory, list[str]]:
    try:
        return sources.recall([row.account_id for row in gathered.rows]), []
    except CallRefused as refused:
        text = f"the state table cannot be read, so what it knows of accounts is missing: {refused}"
        return AccountMemory(refused=refused), [text]


def _entries(
    rows: tuple[AccountRow, ...], previous: PreviousReport, sources: Sources, memory: AccountMemory
) -> tuple[Entry, ...]:
    management_root = sources.answers.management_root
    known = management_root if isinstance(management_root, Posture) else None
    return tuple(
        entry_of(row, _controls(row, known), previous.accounts.get(row.account_id), memory) for row in rows
    )


def _controls(row: AccountRow, management_root: Posture | None) -> Statuses:
    """Judge an account; the management account's root keeps its password, so it is judged on the rest."""
    if row.result is not RowResult.MANAGEMENT or management_root is None:
        return controls_of(row.posture)
    return controls_of(Posture(management_root.present | {CredentialKind.PASSWORD}))
