"""The terminal: where results go, where progress goes, and how wide a page is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

PAGE_WIDTH: Final = 110


def page(*, record: bool = False) -> Console:
    """Return the console results are printed on; a recorded one can be exported as a picture."""
    console = Console(highlight=False, record=record)
    # A pipe has no width of its own, and a recorded page must not depend on the terminal.
    if record or not console.is_terminal or console.width > PAGE_WIDTH:
        console.width = PAGE_WIDTH
    return console


class Progress:
    """Says on stderr what takes its time, so that results can be piped."""

    def __init__(self) -> None:
        """Say it on this process's stderr."""
        self._console = Console(stderr=True, highlight=False)

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Show `what` for as long as the context lasts: a spinner, or a line where there is no terminal."""
        if self._console.is_terminal:
            with self._console.status(f"{what} …"):
                yield
        else:
            self._console.print(f"{what} …")
            yield
