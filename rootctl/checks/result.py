"""How a check ends. "Could not check" is a result of its own, and never a good one."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What a check says."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One thing looked at. mend: the command that mends it, or what to do where no command can."""

    status: Status
    text: str
    mend: str | None = None


def ok(text: str) -> Result:
    """Say that all is well."""
    return Result(status=Status.OK, text=text)


def wrong(text: str, *, mend: str) -> Result:
    """Say what is wrong, and what mends it."""
    return Result(status=Status.WRONG, text=text, mend=mend)


def unknown(text: str, *, mend: str) -> Result:
    """Say what could not be checked, and what would let it be."""
    return Result(status=Status.UNKNOWN, text=f"could not check: {text}", mend=mend)
