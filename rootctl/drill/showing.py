"""A drill on the terminal: a line a step as it is seen, the reasons, and its end."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.checks.surroundings import Status
from rootctl.drill.hop import Hop, Reason, Sight
from rootctl.drill.record import Record
from rootctl.terminal import printable

_MARKS = {
    Sight.SEEN: ("✓", "green"),
    Sight.NOT_SEEN: ("✗", "bold red"),
    Sight.UNKNOWN: ("?", "bold yellow"),
}
_STATUSES = {Status.OK: Sight.SEEN, Status.WRONG: Sight.NOT_SEEN, Status.UNKNOWN: Sight.UNKNOWN}
_NAME_WIDTH = 18
_SECONDS_WIDTH = 7


def hop_line(hop: Hop) -> RenderableType:
    """Return one step, its remedy below it."""
    took = "" if hop.seconds is None else f"{hop.seconds:.1f} s"
    return _entry(hop.sight, hop.name, took, hop.text, hop.remedy)


def ending(record: Record) -> RenderableType:
    """Return why steps were not seen, and the whole drill in a line."""
    seen = sum(hop.sight is Sight.SEEN for hop in record.hops)
    took = (record.ended - record.began).total_seconds()
    verdict = record.verdict[:1].upper() + record.verdict[1:]
    said = f"{verdict}: {seen} of {len(record.hops)} steps, {took:.0f} s in all."
    return Group(*_why(record), Text(said))


def _why(record: Record) -> Iterator[RenderableType]:
    if all(hop.sight is Sight.SEEN for hop in record.hops):
        return
    if not record.reasons:
        yield Text("\nThe checks of rootctl doctor that could explain it find nothing wrong.")
        return
    yield Text("\nWhy, as far as rootctl doctor sees:")
    yield from map(_reason_line, record.reasons)
    yield Text("")


def _reason_line(reason: Reason) -> RenderableType:
    found = reason.result
    return _entry(_STATUSES[found.status], reason.check, "", found.text, found.mend)


def _entry(sight: Sight, name: str, took: str, text: str, remedy: str | None) -> RenderableType:
    mark, colour = _MARKS[sight]
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_column()
    line.add_column(width=_NAME_WIDTH)
    line.add_column(width=_SECONDS_WIDTH, justify="right")
    line.add_column(overflow="fold")
    style = "" if sight is Sight.SEEN else colour
    line.add_row(Text(mark, colour), name, took, Text(printable(text), style))
    if not remedy:
        return line
    # On one line however long, so that it can be copied.
    return Group(line, Text(f"   → {printable(remedy)}", "cyan", no_wrap=True, overflow="ignore"))
