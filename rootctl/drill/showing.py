"""A drill on the terminal: a line a step as it is seen, and its end."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.drill.hop import Hop, Sight
from rootctl.drill.record import Record
from rootctl.terminal.consoles import printable

_MARKS = {
    Sight.SEEN: ("✓", "green"),
    Sight.NOT_SEEN: ("✗", "bold red"),
    Sight.UNKNOWN: ("?", "bold yellow"),
}
_NAME_WIDTH = 19


def hop_line(hop: Hop) -> RenderableType:
    """Return one step, its remedy below it."""
    mark, colour = _MARKS[hop.sight]
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column()
    line.add_column(width=_NAME_WIDTH)
    line.add_column(width=8, justify="right")
    line.add_column(overflow="fold")
    took = "" if hop.seconds is None else f"{hop.seconds:.1f} s"
    style = "" if hop.sight is Sight.SEEN else colour
    line.add_row(Text(mark, colour), hop.name, took, Text(printable(hop.text), style))
    if not hop.remedy:
        return line
    return Group(line, Text(f"   → {printable(hop.remedy)}", "cyan", no_wrap=True, overflow="ignore"))


def ending(record: Record) -> RenderableType:
    """Return the whole drill in a line."""
    seen = sum(hop.sight is Sight.SEEN for hop in record.hops)
    took = (record.ended - record.began).total_seconds()
    verdict = record.verdict[:1].upper() + record.verdict[1:]
    return Text(f"{verdict}: {seen} of {len(record.hops)} steps, {took:.0f} s in all.")
