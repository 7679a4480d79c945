"""How a command ends, for scripts."""

from collections.abc import Iterable
from enum import IntEnum


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
    """Return the code that tells most: what could not be checked outweighs what was found."""
    found = set(codes)
    order = (Exit.INTERRUPTED, Exit.FAILED, Exit.USAGE, Exit.FINDINGS)
    return next((code for code in order if code in found), Exit.DONE)
