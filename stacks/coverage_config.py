"""How it is proven that alarm paths work: the `coverage` object of the configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.config_formats import one_of

if TYPE_CHECKING:
    from stacks.config_reader import ConfigReader

WEEKLY, EVERY_SWEEP, NEVER = "weekly", "every_sweep", "never"
_HOURS_A_WEEK = 7 * 24
# Sweeps do not begin on the second: an account whose turn comes in between is rather probed twice.
_OVERLAP = 1.1


@dataclass(frozen=True)
class Coverage:
    """How often a sweep probes the forwarded Regions beside us-east-1, which every audit proves."""

    other_regions: str

    @property
    def probes_other_regions(self) -> bool:
        """Say whether they are probed at all."""
        return self.other_regions != NEVER

    def turn_hours(self, hours_between_sweeps: int) -> int:
        """Return of how many hours of the week a sweep probes the accounts; all 168 are every account."""
        if self.other_regions == EVERY_SWEEP:
            return _HOURS_A_WEEK
        return min(_HOURS_A_WEEK, math.ceil(hours_between_sweeps * _OVERLAP))


def read_coverage(block: ConfigReader) -> Coverage:
    """Return the configuration; every key has a default."""
    wanted = one_of(WEEKLY, EVERY_SWEEP, NEVER)
    coverage = Coverage(other_regions=block.optional_text("other_regions", wanted) or WEEKLY)
    block.refuse_unknown()
    return coverage
