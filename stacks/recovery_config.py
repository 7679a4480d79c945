"""How long password recovery may be allowed: the `recovery` object of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.config_formats import Numbers

if TYPE_CHECKING:
    from stacks.config_reader import ConfigReader

_HOURS = Numbers("a whole number of hours from 1 to 168", range(1, 169))


@dataclass(frozen=True)
class Recovery:
    """How many hours a window is open at most, and all windows of an account within 7 days."""

    max_hours: int
    max_hours_per_week: int


def read_recovery(block: ConfigReader) -> Recovery:
    """Return the configuration of recovery windows; every key has a default."""
    max_hours = block.number("max_hours", _HOURS, default=12)
    a_week = Numbers(
        f"a whole number of hours from recovery.max_hours, {max_hours}, to 168", range(max_hours, 169)
    )
    recovery = Recovery(
        max_hours=max_hours,
        max_hours_per_week=block.number("max_hours_per_week", a_week, default=max(24, max_hours)),
    )
    block.refuse_unknown()
    return recovery
