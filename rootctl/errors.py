"""How a command ends: its exit code, and what it raises for what it cannot do."""

from collections.abc import Iterable
from enum import IntEnum

import typer

from rootwarden.inert_text import one_line

# Commands to copy are longer than texts to read.
LONGEST_LINE = 2000


class Exit(IntEnum):
    """Exit codes; 2 is also what the option parser ends with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 done, 1 failed or not everything could be checked (also when something was found besides),"
    " 2 wrong usage, 3 something was found, 130 interrupted (Ctrl-C)."
)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the code that says most: what could not be checked outweighs what was found."""
    found = set(codes)
    order = (Exit.INTERRUPTED, Exit.FAILED, Exit.USAGE, Exit.FINDINGS)
    return next((code for code in order if code in found), Exit.DONE)


class WrongUsage(Exception):
    """When a command cannot mean what it was given; one sentence says why."""


class Hindered(Exception):
    """When something besides AWS and the usage is in the way; says what, and the next step."""


def say(text: str) -> None:
    """Say in one line what stopped the command."""
    typer.echo(f"rootctl: {one_line(text, longest=LONGEST_LINE)}", err=True)
