"""Accounts with their root credentials, as audits and reports show them."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from rootctl.errors import Exit
from rootctl.output import Columns, table_of, with_advice
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult

# The code of an account that an interruption left out.
INTERRUPTED = "Interrupted"
_COLOURS = {
    RowResult.CLEAN: "green",
    RowResult.EXPOSED: "bold red",
    RowResult.UNREACHABLE: "bold yellow",
}
# What needs people comes last, where a terminal ends up.
ORDER = (
    RowResult.MANAGEMENT,
    RowResult.NOT_ACTIVE,
    RowResult.CLEAN,
    RowResult.UNREACHABLE,
    RowResult.EXPOSED,
)
WORDS = {RowResult.UNREACHABLE: "could not be checked", RowResult.NOT_ACTIVE: "not active"}


def table_of_rows(rows: Sequence[AccountRow]) -> Table:
    """Return a line an account, what needs people last."""
    columns: Columns[AccountRow] = {
        "Account": lambda row: f"{row.account.name or ''}\n{row.account_id}".strip(),
        "Result": lambda row: Text(_word(row), _COLOURS.get(row.result, "dim")),
        "Root credentials": lambda row: _credentials(row.posture),
        "Remarks": _remarks,
    }
    return table_of(sorted(rows, key=_place), columns)


def presence(kind: CredentialKind, row: AccountRow) -> str:
    """Say whether an account has a kind of credential: yes, no or unknown, never nothing."""
    if row.posture is None:
        return "unknown"
    return "yes" if kind in row.posture.present else "no"


def exit_of_row(row: AccountRow) -> Exit:
    """Say how a command ends because of an account; what could not be looked into outweighs a finding."""
    if row.code == INTERRUPTED:
        return Exit.INTERRUPTED
    if row.result is RowResult.UNREACHABLE or (row.code and not row.has_credentials):
        return Exit.FAILED
    return Exit.FINDINGS if row.needs_attention else Exit.DONE


def _word(row: AccountRow) -> str:
    return "not looked at" if row.code == INTERRUPTED else WORDS.get(row.result, row.result.value)


def _place(row: AccountRow) -> int:
    return ORDER.index(row.result) if row.result in ORDER else len(ORDER)


def _credentials(posture: Posture | None) -> str:
    if posture is None:
        return "unknown"
    present = [kind for kind in CredentialKind if kind in posture.present]
    names = [
        kind.value.replace("_", " ") + ("" if kind is CredentialKind.PASSWORD else "s") for kind in present
    ]
    return ", ".join(names) or "none"


def _remarks(row: AccountRow) -> str:
    window = row.recovery_window
    said = (
        f"exempt until {row.exemption_until}: {row.exemption_reason}" if row.is_exempt else None,
        f"recovery window until {window.until:%Y-%m-%d %H:%M} UTC: {window.reason}" if window else None,
        ": ".join(word for word in (row.code, row.message) if word),
    )
    return with_advice("; ".join(remark for remark in said if remark))
