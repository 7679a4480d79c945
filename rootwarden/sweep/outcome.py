"""The outcome event `Sweep Completed`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from msgspec import field

from rootwarden.coverage.paths import PathTotals
from rootwarden.event_fields import Fields
from rootwarden.outcomes import VERSION, Outcome, iso
from rootwarden.report.checks import names_of_failed, names_of_unasked
from rootwarden.report.report import Report
from rootwarden.report.totals import Totals
from rootwarden.sweep.sweep import Sweep
from rootwarden.undelivered.findings import Findings

CHANGES = ("added", "removed", "nowExposed", "nowClean", "nowUnreachable")


@dataclass(frozen=True, kw_only=True)
class ReportLocation:
    """The report's three forms, as keys in a bucket."""

    bucket: str
    json: str
    csv: str
    html: str

    def to_detail(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"bucket": self.bucket, "json": self.json, "csv": self.csv, "html": self.html}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            bucket=fields.text("bucket"),
            json=fields.text("json"),
            csv=fields.text("csv"),
            html=fields.text("html"),
        )


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    """How many events accounts could not send. not_looked_at: queues nothing, or not all, is known of."""

    accounts: int = 0
    found: int = 0
    sent: int = 0
    left: int = 0
    not_looked_at: int = 0

    @classmethod
    def of(cls, findings: Findings) -> Self:
        """Count."""
        return cls(
            accounts=findings.accounts,
            found=findings.found,
            sent=findings.sent,
            left=findings.left,
            not_looked_at=findings.not_looked_at,
        )

    def to_detail(self) -> dict[str, int]:
        """Return the JSON form."""
        return {
            "accounts": self.accounts,
            "found": self.found,
            "sent": self.sent,
            "left": self.left,
            "notLookedAt": self.not_looked_at,
        }

    @classmethod
    def from_detail(cls, fields: Fields | None) -> Self:
        """Read the JSON form, which older outcomes lack; raises MalformedEvent."""
        if fields is None:
            return cls()
        return cls(
            accounts=fields.number("accounts"),
            found=fields.number("found"),
            sent=fields.number("sent"),
            left=fields.number("left"),
            not_looked_at=fields.number("notLookedAt"),
        )


class SweepCompleted(Outcome, frozen=True, kw_only=True):
    """A sweep whose report is written. changes: how many accounts changed how; missing: what it lacks.

    unknown_checks: those that AWS refused to answer. unreached: configured addresses that get no alerts.
    coverage: how many alarm paths stand how.
    """

    detail_type: ClassVar[str] = "Sweep Completed"

    sweep: Sweep
    finished_at: datetime
    organization_id: str
    totals: Totals
    changes: Mapping[str, int]
    failed_checks: tuple[str, ...]
    unknown_checks: tuple[str, ...]
    missing: int
    report: ReportLocation
    undelivered: Undelivered
    coverage: PathTotals = field(default_factory=PathTotals)
    unreached: tuple[str, ...] = ()

    @classmethod
    def of(cls, report: Report, where: ReportLocation) -> Self:
        """Return the outcome of a report."""
        return cls(
            sweep=report.sweep,
            finished_at=report.finished_at,
            organization_id=report.organization_id,
            totals=report.totals,
            changes={name: len(found) for name, found in report.changes.to_detail().items()},
            failed_checks=names_of_failed(report.checks),
            unknown_checks=names_of_unasked(report.checks),
            missing=len(report.missing),
            report=where,
            undelivered=Undelivered.of(report.undelivered),
            coverage=report.path_totals,
            unreached=report.unreached,
        )

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        return {
            "version": VERSION,
            **self.sweep.to_detail(),
            "finishedAt": iso(self.finished_at),
            "organizationId": self.organization_id,
            "totals": self.totals.to_detail(),
            "changes": dict(self.changes),
            "failedChecks": list(self.failed_checks),
            "unknownChecks": list(self.unknown_checks),
            "missing": self.missing,
            "unreached": list(self.unreached),
            "report": self.report.to_detail(),
            "undelivered": self.undelivered.to_detail(),
            "coverage": self.coverage.to_detail(),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        return cls(
            sweep=Sweep.from_detail(fields),
            finished_at=fields.time("finishedAt"),
            organization_id=fields.text("organizationId"),
            totals=Totals.from_detail(fields.object("totals")),
            changes={name: fields.number("changes", name) for name in CHANGES},
            failed_checks=fields.optional_texts("failedChecks") or (),
            unknown_checks=fields.optional_texts("unknownChecks") or (),
            missing=fields.number("missing"),
            report=ReportLocation.from_detail(fields.object("report")),
            undelivered=Undelivered.from_detail(fields.optional_object("undelivered")),
            # An outcome of an older version, still in a queue, has none.
            coverage=PathTotals.from_detail(fields.object("coverage"))
            if fields.has("coverage")
            else PathTotals(),
            unreached=fields.optional_texts("unreached") or (),
        )
