"""Findings for Security Hub: one an account, as long as root credentials are in it.

BatchImportFindings creates or updates by id. It cannot set a finding's workflow: a finding whose credentials
are gone is archived as passed, and Security Hub itself sets it back to NEW when it becomes active again.
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rootwarden.events import AccountId
from rootwarden.inert_text import one_line
from rootwarden.outcomes import iso
from rootwarden.report.controls import CONTROLS, Control, ControlStatus, controls_of
from rootwarden.report.entries import MOST_SWEEPS, Entry
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.sweep import RowResult

_GENERATOR = "rootwarden/root-credentials"
_TITLE = "Root credentials exist in a member account"
_GONE = "The account has no root credentials any more."
_GONE_THEN = "The account had no root credentials any more when it was last looked at"
_TYPE = "Software and Configuration Checks/AWS Security Best Practices"
# The most that Security Hub takes.
_LONGEST_DESCRIPTION = 1024
_NAMES = {
    CredentialKind.PASSWORD: "a password",
    CredentialKind.ACCESS_KEY: "access keys",
    CredentialKind.SIGNING_CERTIFICATE: "signing certificates",
    CredentialKind.MFA_DEVICE: "MFA devices",
}


@dataclass(frozen=True, kw_only=True)
class FindingsProduct:
    """Where findings are imported: the default product of the hub's own account."""

    partition: str
    region: str
    hub: AccountId

    @property
    def product_arn(self) -> str:
        """The product every account may import its own findings for."""
        return f"arn:{self.partition}:securityhub:{self.region}:{self.hub}:product/{self.hub}/default"


@dataclass(frozen=True, kw_only=True)
class SecurityHubFinding:
    """One account's finding. compliance: FAILED while credentials exist; else it is archived.

    controls: those that it is about.
    """

    finding_id: str
    account_id: AccountId
    compliance: str
    severity: str
    description: str
    since: datetime
    updated_at: datetime
    controls: tuple[Control, ...] = CONTROLS

    def to_asff(self, place: FindingsProduct) -> dict[str, object]:
        """Return the finding in the AWS Security Finding Format."""
        requirements = [
            f"CIS AWS Foundations Benchmark v{version} {number}"
            for control in self.controls
            for version, number in control.cis
        ]
        return {
            "SchemaVersion": "2018-10-08",
            "Id": self.finding_id,
            "ProductArn": place.product_arn,
            "GeneratorId": _GENERATOR,
            # Only an official partner may import findings for another account than its own.
            "AwsAccountId": place.hub,
            "CreatedAt": iso(self.since),
            "UpdatedAt": iso(self.updated_at),
            "Title": _TITLE,
            "Description": self.description,
            "FindingProviderFields": {"Severity": {"Label": self.severity}, "Types": [_TYPE]},
            "Compliance": {
                "Status": self.compliance,
                **({"RelatedRequirements": requirements} if requirements else {}),
            },
            "RecordState": "ACTIVE" if self.compliance == "FAILED" else "ARCHIVED",
            "Resources": [
                {
                    "Type": "AwsAccount",
                    "Id": f"AWS::::Account:{self.account_id}",
                    "Partition": place.partition,
                    "Region": place.region,
                }
            ],
        }


def record_of(report: Report) -> dict[str, object]:
    """Return what goes on record before an import, because nobody may ever read the report after it."""
    failing = {each.account_id for each in findings_of(report) if each.compliance == "FAILED"}
    return {
        "sweepId": report.sweep.sweep_id,
        "openFindings": sorted(report.previous.open_findings | failing),
    }


def findings_of(report: Report) -> tuple[SecurityHubFinding, ...]:
    """Return the findings to import: every open one that is seen again, and those whose reason is gone.

    One whose account nobody can look into is imported again from the sweep on that counts it as stale.
    Where it is not known which were open, every account that is proven clean counts as one to close.
    """
    return tuple(_findings(report))


def still_open(report: Report, imported: frozenset[AccountId]) -> frozenset[AccountId]:
    """Return the accounts whose finding is open after these accounts' findings were imported."""
    open_now = {entry.row.account_id for entry in report.entries if _is_open(report, entry)}
    # Where it is not known which were open, any that is not imported may be: one to close as well.
    members = (entry.row for entry in report.entries if entry.row.result is not RowResult.MANAGEMENT)
    perhaps = {row.account_id for row in members}
    known = report.open_findings if report.previous.tells_findings else report.open_findings | perhaps
    return (known - imported) | (open_now & imported)


def _findings(report: Report) -> Iterator[SecurityHubFinding]:
    was_open = report.previous.open_findings
    for entry in report.entries:
        row = entry.row
        if _is_open(report, entry):
            since = entry.exposed_since or row.audited_at
            controls = controls_of(_posture(entry)).items()
            failing = tuple(each for each, status in controls if status is ControlStatus.FAIL)
            severity, text = _severity(report, entry), _description(report, entry)
            found = _finding(report, row.account_id, "FAILED", severity, text, since)
            yield replace(found, controls=failing)
        elif _is_gone(entry) and (row.account_id in was_open or not report.previous.tells_findings):
            text = _GONE if row.is_proven else f"{_GONE_THEN}, {iso(entry.last_proven_at or row.audited_at)}."
            yield _finding(report, row.account_id, "PASSED", "INFORMATIONAL", text)
    for account_id in sorted(was_open - {entry.row.account_id for entry in report.entries}):
        text = "The account left the organization: its root credentials cannot be looked at any more."
        yield _finding(report, account_id, "NOT_AVAILABLE", "INFORMATIONAL", text)


def _is_open(report: Report, entry: Entry) -> bool:
    """Say whether a finding is imported as open: there are credentials, or for long nobody could look.

    Security Hub deletes a finding that is not updated for 90 days.
    """
    row, previous = entry.row, report.previous
    if row.has_credentials or _is_gone(entry):
        return row.has_credentials
    is_long = row.result is RowResult.NOT_ACTIVE or entry.sweeps_without_posture > MOST_SWEEPS
    # One that is only perhaps open, because nobody knows which are, is not opened by this.
    was_exposed = entry.exposed_since is not None or entry.last_seen is not None
    is_found = row.account_id in previous.open_findings or not previous.tells_findings
    return is_long and was_exposed and is_found


def _is_gone(entry: Entry) -> bool:
    return entry.row.is_proven or entry.was_seen_clean


def _posture(entry: Entry) -> Posture | None:
    """Return what is there, or was when somebody could last look."""
    if entry.row.posture is None and entry.last_seen:
        return entry.last_seen.posture
    return entry.row.posture


def _finding(
    report: Report,
    account_id: AccountId,
    compliance: str,
    severity: str,
    description: str,
    since: datetime | None = None,
) -> SecurityHubFinding:
    before = report.previous.accounts.get(account_id)
    first = since or (before.exposed_since if before else None)
    return SecurityHubFinding(
        finding_id=f"rootwarden/{report.organization_id}/{account_id}/root-credentials",
        account_id=account_id,
        compliance=compliance,
        severity=severity,
        description=one_line(description, longest=_LONGEST_DESCRIPTION),
        since=first or report.finished_at,
        updated_at=report.finished_at,
    )


def _severity(report: Report, entry: Entry) -> str:
    if entry.row.is_exempt or entry.row.is_within_window or _was_exempt(report, entry):
        return "LOW"
    posture = _posture(entry)
    return "CRITICAL" if posture and CredentialKind.ACCESS_KEY in posture.present else "HIGH"


def _was_exempt(report: Report, entry: Entry) -> bool:
    """Say whether an account that nobody can look into was exempt when somebody could, and still is."""
    seen = entry.last_seen if entry.row.posture is None else None
    return seen is not None and seen.is_exempt_at(report.finished_at)


def _description(report: Report, entry: Entry) -> str:
    row, posture = entry.row, entry.row.posture
    name = f"{row.account.name} ({row.account_id})" if row.account.name else row.account_id
    if not row.has_credentials:
        return _last_looked(report, entry, name)
    text = f"The root user of {name} {_has(posture)}."
    if row.is_exempt:
        text += f" Exempt until {row.exemption_until}: {row.exemption_reason}"
    if row.recovery_window:
        text += f" A recovery window is open until {iso(row.recovery_window.until)}."
    return text


def _last_looked(report: Report, entry: Entry, name: str) -> str:
    # A removal that could not be proven is a look, too: it is newer than what was last seen.
    times = [time for time in (entry.last_proven_at, entry.exposed_since) if time]
    when = f", {iso(max(times))}" if times else ""
    why = f" ({entry.row.message})" if entry.row.message else ""
    text = (
        f"The root user of {name} had credentials when it was last looked at{when}: nobody could since{why}."
    )
    if entry.last_seen and _was_exempt(report, entry):
        text += f" Exempt until {entry.last_seen.exemption_until}: {entry.last_seen.exemption_reason}"
    return text


def _has(posture: Posture | None) -> str:
    if posture is None or posture.is_clean:
        return "may have credentials: removing them could not be proven"
    return f"has {', '.join(name for kind, name in _NAMES.items() if kind in posture.present)}"
