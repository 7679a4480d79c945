"""How a command ends, for scripts."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; 2 is also what the option parser ends with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3


EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something was found."
