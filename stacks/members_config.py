"""How members are deployed to: the `members` object of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.config_formats import Numbers

if TYPE_CHECKING:
    from stacks.config_formats import Format
    from stacks.config_reader import ConfigReader

_PERCENT = Numbers("a whole number of percent from 1 to 100", range(1, 101))
_COUNT = Numbers("a whole number from 0 to 10000", range(10_001))


@dataclass(frozen=True)
class Members:
    """How careful the StackSet is.

    canary_organizational_units: units that get everything first. max_concurrent_percentage: of the
    accounts, how many at a time. failure_tolerance_count: how many accounts may fail in a Region before
    CloudFormation stops there.
    """

    canary_organizational_units: tuple[str, ...]
    max_concurrent_percentage: int
    failure_tolerance_count: int


def read_members(block: ConfigReader, unit: Format, units: tuple[str, ...]) -> Members:
    """Return how members are deployed to; `units` are those of member_organizational_units."""
    members = Members(
        canary_organizational_units=block.texts("canary_organizational_units", unit),
        max_concurrent_percentage=block.number("max_concurrent_percentage", _PERCENT, default=10),
        failure_tolerance_count=block.number("failure_tolerance_count", _COUNT, default=10),
    )
    canary = set(members.canary_organizational_units)
    if canary and not canary < set(units):
        block.refuse(
            "canary_organizational_units",
            "some of the units that member_organizational_units lists, not all of them: an account may be"
            " in one StackSet only",
        )
    block.refuse_unknown()
    return members
