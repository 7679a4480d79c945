"""report.csv: one row an account, safe to open in a spreadsheet."""

import csv
import io

from rootwarden.hardening.removal import Preview
from rootwarden.inert_text import safe_cells
from rootwarden.outcomes import iso
from rootwarden.report.alarm_paths import paths_in_words, worst_status
from rootwarden.report.controls import CONTROLS
from rootwarden.report.entries import Entry, keys_last_used, optional_iso, password_last_used
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind, LastUse, in_order, removal_order

_KINDS = tuple(CredentialKind)
_COLUMNS = (
    "account_id",
    "name",
    "organizational_unit",
    "state",
    "result",
    "needs_attention",
    *(kind.value for kind in _KINDS),
    "removed",
    "would_remove",
    "last_used",
    "exemption_until",
    "exemption_reason",
    "recovery_window_until",
    "exposed_since",
    "last_hardened_at",
    "last_proven_at",
    "sweeps_without_posture",
    *(f"{control.control_id} (CIS {control.numbers})" for control in CONTROLS),
    "code",
    "message",
    "audited_at",
    "alarm_path",
    "alarm_paths",
    "password_last_used",
    "keys_last_used",
    "owner",
)


def write_csv(report: Report) -> str:
    """Write the accounts in order of their ids. A credential is yes, no, or unknown: never empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(safe_cells(_cells(entry)) for entry in report.entries)
    return text.getvalue()


def _cells(entry: Entry) -> tuple[object, ...]:
    row, window = entry.row, entry.row.recovery_window
    seen = row.preview or Preview()
    return (
        row.account_id,
        row.account.name,
        row.account.organizational_unit,
        row.account.state,
        row.result.value,
        "yes" if row.needs_attention else "no",
        *(_presence(entry, kind) for kind in _KINDS),
        " ".join(f"{c.kind.value}:{c.identifier}" for c in row.removed),
        " ".join(f"{c.kind.value}:{c.identifier}" for c in sorted(seen.goes, key=removal_order)),
        " ".join(_used(use) for use in in_order(seen.last_used)),
        row.exemption_until,
        row.exemption_reason,
        optional_iso(window.until if window else None),
        entry.since_when if isinstance(entry.since_when, str) else optional_iso(entry.since_when),
        optional_iso(entry.last_hardened_at),
        optional_iso(entry.last_proven_at),
        entry.sweeps_without_posture,
        *(entry.controls[control].value for control in CONTROLS),
        row.code,
        row.message,
        optional_iso(row.audited_at),
        worst_status(entry.paths),
        paths_in_words(entry.paths),
        password_last_used(row),
        " ".join(keys_last_used(row)),
        entry.owner.words if entry.owner else None,
    )


def _used(use: LastUse) -> str:
    return f"{use.kind.value}:{use.identifier}={iso(use.at) if use.at else 'never'}"


def _presence(entry: Entry, kind: CredentialKind) -> str:
    posture = entry.row.posture
    if posture is None:
        return "unknown"
    return "yes" if kind in posture.present else "no"
