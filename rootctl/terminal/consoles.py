"""Where people read: results on standard output, progress beside them on standard error."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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

from lambdas.domain.inert_text import lines

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
