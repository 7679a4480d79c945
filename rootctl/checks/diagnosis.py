"""A diagnosis: every check with its results, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.checks.result import Result, Status
from rootctl.exit_codes import Exit
from rootctl.terminal.consoles import printable
from rootctl.terminal.csv_lines import csv_lines

_MARKS = {Status.OK: ("✓", "green"), Status.WRONG: ("✗", "bold red"), Status.UNKNOWN: ("?", "bold yellow")}
_COLUMNS = ("check", "status", "text", "mend")


@dataclass(frozen=True)
class Diagnosis:
    """What every check said, in their order."""

    results: Sequence[tuple[str, Result]]

    @property
    def exit(self) -> Exit:
        """What is wrong outweighs what could not be checked; only everything well is done."""
        if self._count(Status.WRONG):
            return Exit.FINDINGS
        return Exit.FAILED if self._count(Status.UNKNOWN) else Exit.DONE

    def as_table(self) -> RenderableType:
        """Return a line a result, its remedy below it, and one line that sums up."""
        width = max((len(name) for name, _ in self.results), default=0)
        told: list[RenderableType] = []
        before = None
        for name, result in self.results:
            told.append(_line("" if name == before else name, result, width))
            if result.mend:
                # On one line however long, so that it can be copied.
                told.append(Text(f"   → {printable(result.mend)}", "cyan", no_wrap=True, overflow="ignore"))
            before = name
        return Group(*told, Text(""), Text(self._summary()))

    def as_json(self) -> str:
        """Return everything, as one document."""
        counts = {status.value: self._count(status) for status in Status}
        return json.dumps({"counts": counts, "results": [_record(*each) for each in self.results]}, indent=2)

    def as_csv(self) -> str:
        """Return a line a result."""
        return csv_lines(_COLUMNS, (_record(*each).values() for each in self.results))

    def _count(self, status: Status) -> int:
        return sum(result.status is status for _, result in self.results)

    def _summary(self) -> str:
        wrong, unknown = self._count(Status.WRONG), self._count(Status.UNKNOWN)
        if not wrong and not unknown:
            return f"All is well: {self._count(Status.OK)} things looked at."
        return f"{wrong} wrong, {unknown} could not be checked, {self._count(Status.OK)} well."


def _line(name: str, result: Result, width: int) -> Table:
    mark, colour = _MARKS[result.status]
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column()
    line.add_column(width=width)
    line.add_column(overflow="fold")
    style = "" if result.status is Status.OK else colour
    line.add_row(Text(mark, colour), name, Text(printable(result.text), style))
    return line


def _record(name: str, result: Result) -> dict[str, str | None]:
    return dict(zip(_COLUMNS, (name, result.status.value, result.text, result.mend), strict=True))
