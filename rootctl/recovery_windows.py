"""Windows as the hub tells of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.terminal import ago, csv_lines, printable
from rootwarden.event_fields import Fields
from rootwarden.outcomes import AccountReference, utc_now
from rootwarden.recovery.windows import RecoveryWindow, WindowState

_COLUMNS = ("account", "name", "state", "until", "reason", "openedBy", "openedAt", "approvedBy")


@dataclass(frozen=True, kw_only=True)
class TellingWindow:
    """One window; detail is all of it, as it came."""

    account: AccountReference
    window: RecoveryWindow
    state: WindowState
    approved_by: tuple[str, ...]
    detail: Mapping[str, object]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read one of a list; raises MalformedEvent."""
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            window=RecoveryWindow.from_detail(fields),
            state=fields.choice(WindowState, "state"),
            approved_by=fields.optional_texts("approvedBy") or (),
            detail=dict(fields.value) if isinstance(fields.value, Mapping) else {},
        )


def as_table(windows: Sequence[TellingWindow]) -> RenderableType:
    """Return the windows, those that end first first."""
    if not windows:
        return Text("No recovery window is open.")
    table = Table(show_lines=True)
    for heading in ("Account", "State", "Until", "Reason", "Opened by", "Approved by"):
        table.add_column(heading, overflow="fold")
    for found in sorted(windows, key=lambda found: found.window.until):
        window = found.window
        cells = (
            str(found.account),
            found.state.value,
            f"{window.until:%Y-%m-%d %H:%M} UTC\n{_distance(window.until)}",
            window.reason,
            window.opened_by,
            "\n".join(found.approved_by) or "nobody needed to",
        )
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def as_json(windows: Sequence[TellingWindow]) -> str:
    """Return the windows as they came."""
    return json.dumps({"windows": [found.detail for found in windows]}, indent=2)


def as_csv(windows: Sequence[TellingWindow]) -> str:
    """Return a line a window."""
    rows = [
        (
            found.account.account_id,
            found.account.name,
            *(found.detail.get(name) for name in _COLUMNS[2:-1]),
            " ".join(found.approved_by),
        )
        for found in windows
    ]
    return csv_lines(_COLUMNS, rows)


def _distance(until: datetime) -> str:
    left = until - utc_now()
    return f"{ago(left)} left" if left.total_seconds() > 0 else f"{ago(-left)} overdue"
