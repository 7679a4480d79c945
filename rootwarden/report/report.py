"""The report: every account of one sweep, the organization's checks, and what changed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rootwarden.accounts import AccountState
from rootwarden.contract.configured import Expectation
from rootwarden.contract.regions import must_be_opted_in
from rootwarden.coverage.paths import PathTotals
from rootwarden.events import AccountId
from rootwarden.outcomes import VERSION, iso
from rootwarden.refusals import CallRefused
from rootwarden.report.alarm_paths import PathJudge, Watched, forwarding, opened_at
from rootwarden.report.checks import (
    Answers,
    Check,
    organization_checks,
)
from rootwarden.report.controls import CONTROLS, Statuses, controls_of
from rootwarden.report.deployment_checks import (
    Forwarders,
    Instances,
    Recipients,
    alert_subscriptions,
    member_stacks,
    undelivered,
)
from rootwarden.report.entries import AccountMemory, Entry, entry_of, stale_accounts
from rootwarden.report.gathering import Gathered, Source, gather, gather_undelivered, shortened
from rootwarden.report.newest_looks import OpenWindows, with_newer_looks
from rootwarden.report.opted_in_regions import (
    OptedIn,
    RegionAnswers,
    RegionQuestions,
    ask_regions,
    regions_check,
)
from rootwarden.report.owners import OwnerQuestions, ask_owners
from rootwarden.report.previous import Changes, PreviousReport, compare, read_previous
from rootwarden.report.totals import HistoryEntry, Totals, extended
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult, Sweep
from rootwarden.undelivered.findings import UndeliveredEvents

# CloudFormation comes to an account that joined, Region by Region.
_NEW_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a report is made from. previous: None for the first sweep. missing: what could not be had.

    imported: which findings were open after the last import; None: there was none. overtaken_by: the sweep
    that began after this one and has reported already.

    recall: what is known of accounts besides the sweep; raises CallRefused. windows: see with_newer_looks.
    undelivered: what accounts could not send. members: the StackSet's instances, None where the hub cannot
    see them.
    """

    accounts: Source
    results: Mapping[str, Source]
    previous: Source | None
    imported: Source | None = None
    overtaken_by: str | None = None
    answers: Answers
    regions: RegionQuestions
    owners: OwnerQuestions
    recall: Callable[[Collection[AccountId]], AccountMemory]
    windows: OpenWindows
    undelivered: Mapping[str, Source] = field(default_factory=dict)
    recipients: Recipients
    members: Instances | CallRefused | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The organization a report is of. expected: the calls the configuration expects; None: not known."""

    organization_id: str
    hub: AccountId
    management: AccountId
    watched: Watched = field(default_factory=Watched)
    expected: tuple[Expectation, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One sweep's report. open_findings: accounts with a finding in Security Hub that is not resolved.

    opted_in: Regions that accounts had opted in to when they were last asked.
    unreached: configured addresses that get no alerts. missing: all of it; documents show missing_shown.
    overtaken_by: the sweep that began after this one and has reported already, so that its report stays the
    latest.
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
    undelivered: UndeliveredEvents = field(default_factory=UndeliveredEvents)
    open_findings: frozenset[AccountId] = field(default=frozenset())
    opted_in: Mapping[AccountId, OptedIn] = field(default_factory=dict)
    unreached: tuple[str, ...] = ()
    expected: tuple[Expectation, ...] | None = None
    overtaken_by: str | None = None

    @property
    def missing_shown(self) -> tuple[str, ...]:
        """What the report lacks: the first of many, and how many there are besides."""
        return shortened(self.missing)

    @property
    def path_totals(self) -> PathTotals:
        """How many alarm paths stand how."""
        return PathTotals.of(path for entry in self.entries for path in entry.paths)

    @property
    def concerns(self) -> tuple[str, ...]:
        """Everything that a person should look at, a line each: the same lines are the same concern."""
        accounts = [each.row.concern for each in self.entries if each.row.needs_attention]
        checks = [concern for check in self.checks for concern in check.concerns]
        lost = [
            f"{entry.row.account_id} {path.region} fell silent"
            for entry in self.entries
            for path in entry.paths
            if path.is_lost
        ]
        rest = (*(f"{address} gets no alerts" for address in self.unreached), *self.missing_shown)
        return tuple(sorted({*accounts, *checks, *lost, *rest}))

    @property
    def is_news(self) -> bool:
        """Whether there is another concern than in the report before, or one less."""
        before = self.previous.concerns
        if before is None:
            return True
        # An earlier version's report has one line for a check, whatever is wrong.
        lines = ((concern, concern.partition(": ")[0]) for concern in self.concerns)
        return {line if line in before else concern for concern, line in lines} != {*before}

    def _expected(self) -> list[dict[str, object]]:
        return [each.to_detail() | {"hasEnded": ended} for each, ended in self.expectations]

    @property
    def expectations(self) -> list[tuple[Expectation, bool]]:
        """What the configuration expects, and whether its time was over when the report was made."""
        return [(each, each.has_ended(self.finished_at.date())) for each in self.expected or ()]

    @property
    def totals(self) -> Totals:
        """The sweep's totals."""
        return self.history[-1].totals

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form; its schema is docs/schemas/report.v1.json."""
        return {
            "version": VERSION,
            **self.sweep.to_detail(),
            "finishedAt": iso(self.finished_at),
            "organizationId": self.organization_id,
            "previousSweepId": self.previous.sweep_id,
            "totals": self.totals.to_detail(),
            "coverage": self.path_totals.to_detail(),
            "checks": [check.to_detail() for check in self.checks],
            "changes": self.changes.to_detail(),
            "missing": list(self.missing_shown),
            "concerns": list(self.concerns),
            "undelivered": self.undelivered.to_detail(),
            "controls": [control.to_detail() for control in CONTROLS],
            "expected": None if self.expected is None else self._expected(),
            "openFindings": sorted(self.open_findings),
            "optedInRegions": [found.to_detail(a) for a, found in sorted(self.opted_in.items())],
            "history": [entry.to_detail() for entry in self.history],
            "accounts": [entry.to_detail() for entry in self.entries],
        }


def make_report(sweep: Sweep, sources: Sources, setting: Setting, *, at: datetime) -> Report:
    """Make the report of what there is; never raises for what is missing or unreadable."""
    previous = read_previous(sources.previous, sources.imported)
    gathered = gather(sources.accounts, sources.results, before=previous.known, at=at)
    memory, forgotten = _recall(sources, gathered)
    rows, unasked = with_newer_looks(gathered.rows, previous.accounts, memory.postures, sources.windows)
    gathered = replace(gathered, rows=rows, missing=(*gathered.missing, *unasked))
    waiting, unread = gather_undelivered(sources.undelivered)
    judge = PathJudge(
        watched=setting.watched,
        heard=None if memory.refused else memory.heard,
        opened_at=opened_at(gathered.rows, sweep.started_at),
        at=at,
        before={account_id: account.paths for account_id, account in previous.accounts.items()},
    )
    entries = _entries(gathered.rows, previous, sources, memory, judge)
    regions = ask_regions(gathered.rows, previous.opted_in, sources.regions)
    now = HistoryEntry(sweep_id=sweep.sweep_id, finished_at=at, totals=Totals.of(gathered.rows))
    checks = (
        *organization_checks(sources.answers, hub=setting.hub, management=setting.management),
        forwarding(entries, refused=memory.refused),
        regions_check(gathered.rows, regions, sources.regions),
        stale_accounts(entries, knows_before=not previous.missing),
        undelivered(waiting, accounts=len(gathered.rows), at=at),
        alert_subscriptions(sources.recipients),
        member_stacks(sources.members, _forwarders(gathered, regions, setting, at)),
    )
    return Report(
        sweep=sweep,
        finished_at=at,
        organization_id=setting.organization_id,
        previous=previous,
        entries=entries,
        checks=checks,
        changes=compare(gathered.rows, previous) if previous.sweep_id else Changes(),
        history=extended(previous.history, now),
        missing=(*sources.missing, *previous.missing, *forgotten, *gathered.missing, *unread),
        undelivered=waiting,
        open_findings=previous.open_findings,
        opted_in=regions.known,
        expected=setting.expected,
        overtaken_by=sources.overtaken_by,
        unreached=tuple(address for address, _ in sources.recipients.unreached()),
    )


def _forwarders(gathered: Gathered, answers: RegionAnswers, setting: Setting, at: datetime) -> Forwarders:
    active = [row.account_id for row in gathered.rows if row.account.state == AccountState.ACTIVE]
    every = setting.watched.forwarding
    always = {*every} - {*must_be_opted_in(every)}
    # What nobody was told of an account asks nothing of it.
    has = {account_id: {*always, *found.regions} for account_id, found in answers.known.items()}
    return Forwarders(
        regions={
            account_id: [region for region in every if region in has.get(account_id, always)]
            for account_id in active
            if account_id != setting.management
        },
        new={account_id for account_id, joined in gathered.joined_at.items() if at - joined < _NEW_FOR},
    )


def _recall(sources: Sources, gathered: Gathered) -> tuple[AccountMemory, list[str]]:
    try:
        return sources.recall([row.account_id for row in gathered.rows]), []
    except CallRefused as refused:
        text = f"the state table cannot be read, so what it knows of accounts is missing: {refused}"
        return AccountMemory(refused=refused), [text]


def _entries(
    rows: tuple[AccountRow, ...],
    previous: PreviousReport,
    sources: Sources,
    memory: AccountMemory,
    judge: PathJudge,
) -> tuple[Entry, ...]:
    management_root = sources.answers.management_root
    known = management_root if isinstance(management_root, Posture) else None
    owners_before = {each: account.owner for each, account in previous.accounts.items() if account.owner}
    owners = ask_owners(rows, owners_before, sources.owners)
    return tuple(
        entry_of(
            row,
            _controls(row, known),
            previous,
            memory,
            judge.paths(row),
            owners.get(row.account_id),
        )
        for row in rows
    )


def _controls(row: AccountRow, management_root: Posture | None) -> Statuses:
    """Judge an account; the management account's root keeps its password, so it is judged on the rest."""
    if row.result is not RowResult.MANAGEMENT or management_root is None:
        return controls_of(row.posture)
    return controls_of(Posture.of(management_root.present | {CredentialKind.PASSWORD}))
