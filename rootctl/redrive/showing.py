"""Piles of dead letters and what became of them, for people and for programs."""

import json
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.redrive.moving import Moved
from rootctl.redrive.piles import Pile
from rootctl.terminal.consoles import printable
from rootctl.terminal.csv_lines import csv_lines
from rootctl.terminal.wording import ago, counted

_NOTHING = "Nothing waits in any dead-letter queue."
_COLUMNS = ("function", "kind", "waiting", "moved", "problem")


def piles_table(piles: Sequence[Pile]) -> RenderableType:
    """Return what waits and why."""
    if not piles:
        return Text(_NOTHING)
    table = Table()
    for heading in ("Function", "Waits as", "Event", "Age", "Why"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Age")
    for pile in piles:
        for letter in pile.letters:
            cells = (letter.what, ago(letter.age), letter.why)
            table.add_row(pile.function, pile.kind.value, *(Text(printable(cell)) for cell in cells))
        more = pile.count - len(pile.letters)
        if more > 0:
            table.add_row(pile.function, pile.kind.value, f"and {more} more", "", "")
    return table


def moved_table(moved: Sequence[Moved]) -> RenderableType:
    """Return what was moved, and what was not."""
    if not moved:
        return Text(_NOTHING)
    return Group(*(Text(_told(each), "yellow" if each.problem else "") for each in moved))


def _told(each: Moved) -> str:
    told = f"{each.pile.function}, {each.pile.kind}: {counted(each.moved, 'message')} moved to its queue"
    if not each.problem:
        return f"{told}."
    return f"{told}, of about {each.pile.count}; the others wait where they were. {printable(each.problem)}"


def as_json(moved: Sequence[Moved]) -> str:
    """Return everything, as one document."""
    return json.dumps([_record(each) | {"letters": _letters(each.pile)} for each in moved], indent=2)


def as_csv(moved: Sequence[Moved]) -> str:
    """Return a line a dead-letter queue."""
    return csv_lines(_COLUMNS, (_record(each).values() for each in moved))


def _record(each: Moved) -> dict[str, object]:
    values = (each.pile.function, each.pile.kind.value, each.pile.count, each.moved, each.problem)
    return dict(zip(_COLUMNS, values, strict=True))


def _letters(pile: Pile) -> list[dict[str, object]]:
    return [
        {
            "id": each.message_id,
            "what": each.what,
            "why": each.why,
            "ageSeconds": int(each.age.total_seconds()),
        }
        for each in pile.letters
    ]
