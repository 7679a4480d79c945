"""What commands print: results as a table, JSON or CSV to standard output, progress beside it."""

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias, TypeVar

import typer
from rich.console import Console, Group, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    track,
)
from rich.table import Table
from rich.text import Text

from rootctl.errors import LONGEST_LINE
from rootctl.printed_commands import complete
from rootwarden.events import MalformedEvent
from rootwarden.inert_text import lines, safe_cells
from rootwarden.policies.service_control_policies import advice

T = TypeVar("T")
# What stands in each column of a row, by the column's name.
Columns: TypeAlias = Mapping[str, Callable[[T], object]]

# What rich assumes for a pipe is too narrow for a table of sentences.
_PIPE_WIDTH = 140
# What is looked for and copied stays in one piece: account ids, ages, and functions' names as they are.
_LEAST_WIDTHS = {"Account": 12, "Age": 6}
_AS_IT_IS = frozenset({"Function"})
# From how many minutes on, times are rounded to how many.
_ROUNDED = ((24 * 60, 60), (60, 5))
_CALLER = re.compile(r"\bUser: \S+ is ")


class Output(StrEnum):
    """Who reads the result: people, or programs."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def show(
    output: Output,
    *,
    table: RenderableType,
    document: object,
    csv: str,
    beside_csv: Iterable[RenderableType] = (),
) -> None:
    """Print a result on standard output in the form asked for.

    beside_csv: what the rows have no place for, such as what could not be looked at.
    """
    match output:
        case Output.TABLE:
            print_whole(results(), table)
        case Output.JSON:
            typer.echo(json.dumps(document, indent=2))
        case Output.CSV:
            show_csv(csv, beside_csv)


def show_csv(csv: str, beside: Iterable[RenderableType] = ()) -> None:
    """Print rows on standard output, and beside them what they have no place for."""
    typer.echo(csv, nl=False)
    for line in beside:
        print_whole(beside_results(), line)


def print_whole(console: Console, shown: RenderableType) -> None:
    """Print tables as wide as the console, and lines as they are: commands in them can be copied."""
    if isinstance(shown, Group):
        for each in shown.renderables:
            print_whole(console, each)
    else:
        console.print(shown, crop=False, soft_wrap=isinstance(shown, str | Text))


def csv_of(rows: Iterable[T], columns: Columns[T]) -> str:
    """Return a heading and a line a row; nothing becomes an empty cell, several values stand with spaces."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(safe_cells(_joined(value(row)) for value in columns.values()) for row in rows)
    return lines.getvalue()


def record_of(row: T, columns: Columns[T]) -> dict[str, object]:
    """Return a row as a JSON object."""
    return {name: value(row) for name, value in columns.items()}


def table_of(rows: Iterable[T], columns: Columns[T], *, show_lines: bool = False) -> Table:
    """Return a table that folds what is long; a cell that is a plain text is made inert."""
    table = Table(show_lines=show_lines)
    for heading in columns:
        least = _LEAST_WIDTHS.get(heading)
        table.add_column(heading, overflow="fold", min_width=least, no_wrap=heading in _AS_IT_IS)
    for row in rows:
        table.add_row(*(_cell(value(row)) for value in columns.values()))
    return table


def _joined(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _cell(value: object) -> Text:
    return value if isinstance(value, Text) else Text("" if value is None else printable(str(value)))


def results() -> Console:
    """Return the console for a command's result."""
    console = Console(markup=False, highlight=False)
    return console if console.is_terminal else Console(markup=False, highlight=False, width=_PIPE_WIDTH)


def beside_results() -> Console:
    """Return the console for what people should see though programs read the result."""
    return Console(stderr=True, markup=False, highlight=False)


def with_progress(steps: Iterable[T], description: str) -> Iterator[T]:
    """Go through the steps behind a progress bar, where a person looks."""
    console = Console(stderr=True)
    yield from track(steps, description, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def progress(total: int, description: str) -> Iterator[Callable[[], None]]:
    """Give a function that moves a progress bar on by one, where a person looks."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show what is waited for, and for how long already, where a person looks."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as line:
        line.add_task(what, total=None)
        yield


def printable(text: str) -> str:
    """Return a text without what a terminal would obey: names come from AWS as strangers wrote them."""
    return lines(text, longest=LONGEST_LINE)


def copyable(text: str) -> str:
    """Return a command as `printable` does, and whole however long: cut, a shell would not take it."""
    return lines(text, longest=sys.maxsize)


def ago(age: timedelta) -> str:
    """Return a length of time in its two largest units; from an hour on to 5 minutes, from a day to hours."""
    minutes = max(int(age.total_seconds() // 60), 0)
    rounded = next((step for longest, step in _ROUNDED if minutes >= longest), 1)
    minutes = (minutes + rounded // 2) // rounded * rounded
    days, hours = divmod(minutes // 60, 24)
    parts = ((days, "d"), (hours, "h"), (minutes % 60, "min"))
    said = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(said[:2]) or "less than a minute"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def without_caller(message: str) -> str:
    """Return AWS's message without the ARN of the caller, which fills a table and is known."""
    return _CALLER.sub("", message)


def with_advice(message: str) -> str:
    """Return AWS's message without the caller and, where a policy refused the call, with what to do."""
    by_policy = advice(message)
    said = without_caller(message)
    return f"{said.rstrip('. ')}. {complete(by_policy)}" if by_policy else said


def some(names: Iterable[str], most: int = 10, *, separator: str = ", ") -> str:
    """Name at most so many, and count the others."""
    every = list(names)
    more = len(every) - most
    return separator.join([*every[:most], *([f"and {more} more"] if more > 0 else [])])


def read_json(text: str, what: str) -> object:
    """Return what a text holds; raises MalformedEvent naming it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(what, "JSON", text) from error
