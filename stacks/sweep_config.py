"""How the organization is swept: the `sweep` object of the configuration."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.config_formats import Format, Numbers, one_of

if TYPE_CHECKING:
    from stacks.config_reader import ConfigReader

AUDIT, ENFORCE = "audit", "enforce"
_HOURS = {"hour": 1, "hours": 1, "day": 24, "days": 24}
# An alarm looks back seven days at most, and here looks back one and a half times the schedule.
_LONGEST_HOURS = 4 * 24
_DAILY = re.compile(r"cron\((\d|[1-5]\d) (\d|1\d|2[0-3]) (\* \* \?|\? \* \*) \*\)")
# A batch that is held up by nothing but the request rate is through in this time; an enforcing one,
# with twice the requests, in twice the time, which its function's time limit still allows.
SECONDS_A_BATCH = 60


@dataclass(frozen=True)
class Sweep:
    """When and how fast every account is audited, and how long that is kept on record."""

    schedule: str
    mode: str
    batch_size: int
    max_concurrency: int
    requests_per_second: int
    report_retention_days: int
    object_lock: bool
    security_hub: bool

    @property
    def may_enforce(self) -> bool:
        """Tell whether sweeps may remove what they find."""
        return self.mode == ENFORCE

    @property
    def requests_per_second_of_a_worker(self) -> float:
        """Each worker's share of the requests that all of them together may make."""
        return self.requests_per_second / self.max_concurrency

    @property
    def hours_until_missed(self) -> int:
        """After how many hours without a sweep one must have failed to happen."""
        return math.ceil(1.5 * self.hours_between)

    @property
    def hours_between(self) -> int:
        """How many hours lie between one sweep and the next."""
        return _hours_between(self.schedule)


def read_sweep(block: ConfigReader) -> Sweep:
    """Return the sweep's configuration; every key has a default."""
    sweep = Sweep(
        schedule=block.optional_text("schedule", SCHEDULE) or "rate(1 day)",
        mode=block.optional_text("mode", one_of(AUDIT, ENFORCE)) or AUDIT,
        batch_size=block.number("batch_size", _between(1, 500), default=50),
        max_concurrency=block.number("max_concurrency", _between(1, 100), default=10),
        requests_per_second=block.number("requests_per_second", REQUESTS, default=100),
        report_retention_days=block.number("report_retention_days", RETENTION, default=400),
        object_lock=block.flag("object_lock"),
        security_hub=block.flag("security_hub"),
    )
    least = math.ceil(sweep.batch_size * sweep.max_concurrency / SECONDS_A_BATCH)
    if sweep.requests_per_second < least:
        block.refuse(
            "requests_per_second",
            f"at least {least}, so that {sweep.max_concurrency} workers at once are through with batches of"
            f" {sweep.batch_size} accounts in {SECONDS_A_BATCH} seconds",
            sweep.requests_per_second,
        )
    block.refuse_unknown()
    return sweep


def _hours_between(schedule: str) -> int:
    """Return the hours from one sweep to the next; 0 for what is no schedule of ours."""
    if _DAILY.fullmatch(schedule):
        return 24
    rate = re.fullmatch(r"rate\(([1-9]\d{0,3}) (\w+)\)", schedule)
    number, unit = (int(rate[1]), rate[2]) if rate else (0, "")
    # AWS refuses `rate(1 days)` and `rate(2 day)`.
    return number * _HOURS.get(unit, 0) if unit.endswith("s") == (number > 1) else 0


def _between(least: int, most: int, of: str = "") -> Numbers:
    return Numbers(f"a whole number{of} from {least} to {most}", range(least, most + 1))


SCHEDULE = Format(
    "rate(1 hour) to rate(4 days), or once a day cron(MINUTE HOUR * * ? *), in UTC",
    lambda value: 0 < _hours_between(value) <= _LONGEST_HOURS,
)
# The quota of STS for the whole account and Region, which others need a part of.
REQUESTS = _between(1, 600)
RETENTION = _between(30, 3653, " of days")
