"""Where people read: results on standard output, progress beside them on standard error."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")

# What rich assumes for a pipe is too narrow for a table of sentences.
_PIPE_WIDTH = 140


def results() -> Console:
    """Return the console for a command's result."""
    console = Console(markup=False, highlight=False)
    return console if console.is_terminal else Console(markup=False, highlight=False, width=_PIPE_WIDTH)


def with_progress(steps: Iterable[T], description: str) -> Iterator[T]:
    """Go through the steps behind a progress bar, where somebody is looking."""
    console = Console(stderr=True)
    yield from track(steps, description, console=console, transient=True, disable=not console.is_terminal)
