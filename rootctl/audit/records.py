"""An audit for programs."""

import json

from lambdas.domain.outcomes import iso
from lambdas.domain.report.account_row import AccountRow
from lambdas.domain.root_credentials import CredentialKind, Posture
from lambdas.domain.sweep_accounts import ListedAccount
from rootctl.audit.findings import Audit
from rootctl.terminal.csv_lines import csv_lines

_KINDS = tuple(CredentialKind)
_COLUMNS = (
    *("id", "name", "state", "organizationalUnit", "result"),
    *(kind.value for kind in _KINDS),
    *("exemptionUntil", "recoveryWindowUntil", "code", "message", "auditedAt"),
)


def as_json(audit: Audit) -> str:
    """Return everything, as one document. A posture of null: nobody knows."""
    document = {
        "accounts": [row.to_detail() for row in audit.rows],
        "notLookedAt": [account.account_id for account in audit.not_looked_at],
        "counts": {result.value: count for result, count in sorted(audit.counts.items())},
    }
    return json.dumps(document, indent=2)


def as_csv(audit: Audit) -> str:
    """Return a line an account. A credential is yes, no or unknown: never empty."""
    left = [(*_who(account), "not_looked_at", *_credentials(None)) for account in audit.not_looked_at]
    return csv_lines(_COLUMNS, [*map(_cells, audit.rows), *left])


def _cells(row: AccountRow) -> tuple[object, ...]:
    window = row.recovery_window
    return (
        *_who(row.account),
        row.result.value,
        *_credentials(row.posture),
        row.exemption_until,
        iso(window.until) if window else None,
        row.code,
        row.message,
        iso(row.audited_at),
    )


def _who(account: ListedAccount) -> tuple[object, ...]:
    return (account.account_id, account.name, account.state, account.organizational_unit)


def _credentials(posture: Posture | None) -> tuple[str, ...]:
    if posture is None:
        return ("unknown",) * len(_KINDS)
    return tuple("yes" if kind in posture.present else "no" for kind in _KINDS)
