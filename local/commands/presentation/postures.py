"""The root credentials of every account, before and after, in one table."""

from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from local.commands.account_postures import AccountPostures

_KINDS = {
    "password": "password",
    "accessKeys": "access\nkeys",
    "signingCertificates": "signing\ncerts",
    "mfaDevices": "MFA\ndevices",
}
_LEGEND = "● exists   ✔ was there and is gone   · was never there"


def posture_table(rows: Iterable[AccountPostures]) -> Table:
    """Return the table; what exists without permission to stay is red."""
    table = Table(box=box.SIMPLE_HEAD, caption=_LEGEND, caption_justify="left", pad_edge=False)
    table.add_column("account", no_wrap=True)
    table.add_column("id", style="dim", no_wrap=True)
    for title in _KINDS.values():
        table.add_column(title, justify="center", no_wrap=True)
    table.add_column("")
    for row in rows:
        cells = [_cell(row.before[kind], row.after[kind], may_keep=bool(row.keeps)) for kind in _KINDS]
        table.add_row(row.name, row.account, *cells, Text(row.keeps or "", style="dim"))
    return table


def _cell(before: bool, after: bool, *, may_keep: bool) -> Text:  # noqa: FBT001 # one fact twice
    kept = ("●", "yellow" if may_keep else "bold red")
    match before, after:
        case False, False:
            return Text("·", style="dim")
        case True, False:
            return Text.assemble(("● ", "yellow"), ("→ ", "dim"), ("✔", "bold green"))
        case False, True:
            return Text.assemble(("· → ", "dim"), kept)
        case _:
            return Text.assemble(("● ", "yellow"), ("→ ", "dim"), kept)
