"""The terminal: where results go, where progress goes, and how wide a page is."""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

PAGE_WIDTH: Final = 110


def page(*, record: bool = False) -> Console:
    """Return the console results are printed on; a recorded one can be exported as a picture."""
    console = Console(highlight=False, record=record)
    # A pipe has no width of its own, and a recorded page must not depend on the terminal.
    if record or not console.is_terminal or console.width > PAGE_WIDTH:
        console.width = PAGE_WIDTH
    return console


def heading(console: Console, text: str) -> None:
    """Begin a part of the page."""
    console.print()
    console.print(Rule(Text(text, "bold"), align="left", style="dim"))


def during(what: str) -> AbstractContextManager[object]:
    """Say on stderr what takes its time: a spinner, or a line where there is no terminal."""
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        return console.status(f"{what} …")
    console.print(f"{what} …")
    return nullcontext()
