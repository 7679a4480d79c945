"""An audit for people."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lambdas.domain.report.account_row import AccountRow
from lambdas.domain.root_credentials import CredentialKind, Posture
from lambdas.domain.sweep_rows import RowResult
from rootctl.audit.findings import Audit
from rootctl.terminal.consoles import printable
from rootctl.terminal.wording import with_advice

_COLOURS = {
    RowResult.CLEAN: "green",
    RowResult.EXPOSED: "bold red",
    RowResult.UNREACHABLE: "bold yellow",
}
# What needs people comes last, where a terminal ends up.
_ORDER = (
    RowResult.MANAGEMENT,
    RowResult.NOT_ACTIVE,
    RowResult.CLEAN,
    RowResult.UNREACHABLE,
    RowResult.EXPOSED,
)
_WORDS = {RowResult.UNREACHABLE: "could not be checked", RowResult.NOT_ACTIVE: "not active"}
_KINDS = {
    kind: f"{kind.value.replace('_', ' ')}{'' if kind is CredentialKind.PASSWORD else 's'}"
    for kind in CredentialKind
}


def as_table(audit: Audit) -> RenderableType:
    """Return a row an account, what needs people last, and one line that sums up."""
    table = Table()
    for heading in ("Account", "Name", "Result", "Root credentials", "Remarks"):
        table.add_column(heading, overflow="fold")
    for row in sorted(audit.rows, key=lambda row: _place(row.result)):
        cells = (row.account_id, row.account.name or "", _credentials(row.posture), _remarks(row))
        account, name, credentials, remarks = (Text(printable(cell)) for cell in cells)
        result = Text(word(row.result), _COLOURS.get(row.result, "dim"))
        table.add_row(account, name, result, credentials, remarks)
    for left in audit.not_looked_at:
        name = Text(printable(left.name or ""))
        table.add_row(left.account_id, name, Text("not looked at", "bold yellow"), "unknown", "interrupted")
    return Group(table, Text(_summary(audit)))


def word(result: RowResult) -> str:
    """Return a result as people say it."""
    return _WORDS.get(result, result.value)


def _place(result: RowResult) -> int:
    return _ORDER.index(result) if result in _ORDER else len(_ORDER)


def _credentials(posture: Posture | None) -> str:
    if posture is None:
        return "unknown"
    return ", ".join(_KINDS[kind] for kind in CredentialKind if kind in posture.present) or "none"


def _remarks(row: AccountRow) -> str:
    window = row.recovery_window
    said = (
        f"exempt until {row.exemption_until}: {row.exemption_reason}" if row.is_exempt else None,
        f"recovery window until {window.until:%Y-%m-%d %H:%M} UTC: {window.reason}" if window else None,
        ": ".join(word for word in (row.code, row.message) if word),
    )
    return with_advice("; ".join(remark for remark in said if remark))


def _summary(audit: Audit) -> str:
    counts = audit.counts
    told = [f"{counts[result]} {word(result)}" for result in reversed(_ORDER) if counts[result]]
    if audit.not_looked_at:
        told.append(f"{len(audit.not_looked_at)} not looked at")
    accounts = len(audit.rows) + len(audit.not_looked_at)
    return f"Accounts: {accounts} ({', '.join(told) or 'none'})."
