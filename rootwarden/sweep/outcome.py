"""The outcome event `Sweep Completed`."""

from collections.abc import Callable
from typing import Annotated, ClassVar, Self

from msgspec import Meta, structs

from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Mode, as_said_now
from rootwarden.contract.detail_types import SWEEP_COMPLETED
from rootwarden.coverage.paths import PathTotals
from rootwarden.events import Fields, Record
from rootwarden.outcomes import AccountReference, Count, Outcome, Time
from rootwarden.report.checks import names_of_failed, names_of_unasked
from rootwarden.report.previous import Changes
from rootwarden.report.report import Report
from rootwarden.report.totals import Totals
from rootwarden.sweep.sweep import RowResult
from rootwarden.undelivered.findings import UndeliveredEvents


class ChangeCounts(Record, frozen=True, kw_only=True):
    """How many accounts changed how since the sweep before."""

    added: Count
    removed: Count
    now_exposed: Count
    now_clean: Count
    now_unreachable: Count

    @classmethod
    def of(cls, changes: Changes) -> Self:
        """Count."""
        return cls(**{name: len(getattr(changes, name)) for name in cls.__struct_fields__})


class ReportLocation(Record, frozen=True, kw_only=True):
    """The report's three forms, as keys in a bucket."""

    bucket: str
    json: str
    csv: str
    html: str


class Undelivered(Record, frozen=True, kw_only=True):
    """How many events accounts could not send to the hub."""

    accounts: Annotated[Count, Meta(description="in how many accounts")]
    found: Count
    sent: Annotated[Count, Meta(description="brought in")]
    left: Annotated[Count, Meta(description="left there")]
    not_looked_at: Annotated[Count, Meta(description="queues of which nothing, or not all, is known")]

    @classmethod
    def of(cls, findings: UndeliveredEvents) -> Self:
        """Count."""
        return cls(**{name: getattr(findings, name) for name in cls.__struct_fields__})


# Those that come first; all are in the report.
MOST_NAMED = 20


class InQuestion(Record, frozen=True, kw_only=True):
    """An account that a person should look at. is_new: the sweep before did not find it so."""

    account: AccountReference
    result: RowResult
    is_new: bool
    code: Annotated[str | None, Meta(description="why it could not be checked or hardened")] = None
    has_recovery_window: Annotated[bool, Meta(description="one is open, so nothing is removed there")] = False

    @classmethod
    def all_of(cls, report: Report) -> tuple[Self, ...]:
        """Return the accounts of a report, what is new first."""
        before = report.previous.concerns or ()
        found = (
            cls(
                account=AccountReference.of(row.account),
                result=row.result,
                is_new=row.concern not in before,
                code=row.code,
                has_recovery_window=row.recovery_window is not None,
            )
            for row in (entry.row for entry in report.entries)
            if row.needs_attention
        )
        return tuple(sorted(found, key=lambda each: not each.is_new))


class SweepCompleted(Outcome, frozen=True, kw_only=True):
    """A sweep whose report is written."""

    detail_type: ClassVar[str] = SWEEP_COMPLETED

    sweep_id: str
    started_at: Time
    mode: Mode | None
    finished_at: Time
    organization_id: str
    totals: Totals
    changes: ChangeCounts
    is_news: Annotated[
        bool, Meta(description="whether what a person should look at differs from the sweep before")
    ] = True
    in_question: Annotated[
        tuple[InQuestion, ...], Meta(description=f"accounts to look at, new ones first, {MOST_NAMED} at most")
    ] = ()
    failed_checks: tuple[str, ...] = ()
    unknown_checks: Annotated[
        tuple[str, ...],
        Meta(description="those that could not be made: AWS refused, or not all was looked at"),
    ] = ()
    missing: Annotated[Count, Meta(description="how many things the report says it lacks")]
    unreached: Annotated[tuple[str, ...], Meta(description="configured addresses that get no alerts")] = ()
    report: ReportLocation
    undelivered: Undelivered = Undelivered.of(UndeliveredEvents())
    coverage: Annotated[
        PathTotals, Meta(description="alarm paths, one an account and Region; lost is a part of silent")
    ] = PathTotals.of(())

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form, also with the mode's word of 0.1; raises MalformedEvent."""
        return super().from_detail(as_said_now(fields))

    @classmethod
    def of(cls, report: Report, where: ReportLocation) -> Self:
        """Return the outcome of a report."""
        return cls(
            sweep_id=report.sweep.sweep_id,
            started_at=report.sweep.started_at.replace(microsecond=0),
            mode=report.sweep.mode,
            finished_at=report.finished_at,
            organization_id=report.organization_id,
            totals=report.totals,
            changes=ChangeCounts.of(report.changes),
            is_news=report.is_news,
            in_question=InQuestion.all_of(report)[:MOST_NAMED],
            failed_checks=names_of_failed(report.checks),
            unknown_checks=names_of_unasked(report.checks),
            missing=len(report.missing),
            unreached=report.unreached,
            report=where,
            undelivered=Undelivered.of(report.undelivered),
            coverage=report.path_totals,
        )

    def with_accounts(self, described: Callable[[AccountReference], AccountReference]) -> Self:
        """Return it with each account in question as described."""
        named = (structs.replace(each, account=described(each.account)) for each in self.in_question)
        return structs.replace(self, in_question=tuple(named))

    def weighed(self) -> Severity | None:
        """Return how bad it is; None where nothing is wrong, or only what the sweep before said."""
        bad = self.totals.needs_attention or self.failed_checks
        doubtful = self.unreached or self.unknown_checks or self.missing
        if not self.is_news or not (bad or doubtful or self.coverage.lost):
            return None
        # An alarm that no longer arrives is worse than a credential that was found.
        return Severity.CRITICAL if self.coverage.lost else Severity.HIGH if bad else Severity.MEDIUM
