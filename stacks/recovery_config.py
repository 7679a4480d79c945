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
    """What recovery windows may be. max_hours: how long one is open at most."""

    max_hours: int


def read_recovery(block: ConfigReader) -> Recovery:
    """Return the configuration of recovery windows; every key has a default."""
    recovery = Recovery(max_hours=block.number("max_hours", _HOURS, default=12))
    block.refuse_unknown()
    return recovery
