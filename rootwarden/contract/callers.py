"""Who calls a function: known by the alias it was invoked by, which nobody can write into an event.

Each caller's permission names its own alias of a function, and no other.
"""

from enum import StrEnum


class Caller(StrEnum):
    """Who may call functions, each by an alias of this name."""

    QUEUE = "queue"
    PERSON = "person"
    SCHEDULE = "schedule"
    SWEEP = "sweep"


def caller_of(invoked_function_arn: str) -> Caller | None:
    """Return whose alias was invoked; None for a function that was invoked by no alias of ours."""
    # arn:aws:lambda:<Region>:<account>:function:<name>, and :<alias> where it was invoked by one.
    alias = invoked_function_arn.split(":")[7:]
    return Caller(alias[0]) if alias and alias[0] in set(Caller) else None
