"""What commands print: results to standard output, progress beside it; counts, CSV and JSON."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from rich.console import Console
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

from rootwarden.event_fields import MalformedEvent
from rootwarden.inert_text import lines
from rootwarden.policies.service_control_policies import advice
from rootwarden.report.csv_document import safe_cells

T = TypeVar("T")

# Commands to copy are longer than texts to read.
LONGEST_LINE = 2000

# What rich assumes for a pipe is too narrow for a table of sentences.
_PIPE_WIDTH = 140


def results() -> Console:
    """Return the console for a command's result."""
    console = Console(markup=False, highlight=False)
    return console if console.is_terminal else Console(markup=False, highlight=False, width=_PIPE_WIDTH)


def beside_results() -> Console:
    """Return the console for what people should see though programs read the result."""
    return Console(stderr=True, markup=False, highlight=False)


def with_progress(steps: Iterable[T], description: str) -> Iterator[T]:
    """Go through the steps behind a progress bar, where somebody is looking."""
    console = Console(stderr=True)
    yield from track(steps, description, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def progress(total: int, description: str) -> Iterator[Callable[[], None]]:
    """Give a function that moves a progress bar on by one, where somebody is looking."""
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
    """Return a text without what a terminal would obey: names come from AWS as anybody wrote them."""
    return lines(text, longest=LONGEST_LINE)


# From how many minutes on, times are rounded to how many.
_ROUNDED = ((24 * 60, 60), (60, 5))
_CALLER = re.compile(r"\bUser: \S+ is ")


def ago(age: timedelta) -> str:
    """Return a length of time in its two largest units; from an hour on to 5 minutes, from a day to hours."""
    minutes = max(int(age.total_seconds() // 60), 0)
    rounded = next((step for longest, step in _ROUNDED if minutes >= longest), 1)
    minutes = (minutes + rounded // 2) // rounded * rounded
    days, hours = divmod(minutes // 60, 24)
    parts = ((days, "d"), (hours, "h"), (minutes % 60, "min"))
    told = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(told[:2]) or "less than a minute"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def without_caller(message: str) -> str:
    """Return AWS's message without the ARN of whoever called, which fills a table and tells nothing new."""
    return _CALLER.sub("", message)


def with_advice(message: str) -> str:
    """Return AWS's message without the caller and, where a policy refused the call, with what to do."""
    by_policy = advice(message)
    said = without_caller(message)
    return f"{said.rstrip('. ')}. {by_policy}" if by_policy else said


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a heading and a line a row; nothing becomes an empty cell."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(safe_cells, rows))
    return lines.getvalue()


def read_json(text: str, what: str) -> object:
    """Return what a text holds; raises MalformedEvent naming it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(what, "JSON", text) from error
