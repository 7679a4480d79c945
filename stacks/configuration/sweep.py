"""When a sweep starts, how fast it goes, and which alarm paths it probes."""

import math
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo
from pydantic import field_validator as rule

from rootwarden.contract import asked_values
from rootwarden.contract.configured import Mode
from stacks.configuration.blocks import HOURS_A_WEEK, MODE, Block
from stacks.configuration.values import AS_JSON, Flag, Takes, refuse, whole

# Sweeps do not begin on the second: an account whose turn comes in between is rather probed twice.
_OVERLAP = 1.1
# A batch that is held up by nothing but the request rate is through in this time; an enforcing one,
# with twice the requests, in twice the time, which its function's time limit still allows.
SECONDS_A_BATCH = 60


_SCHEDULE = Takes(asked_values.SCHEDULE, lambda value, _: asked_values.is_schedule(value))


def _no_old_word(mode: object) -> object:
    if mode == "audit":
        refuse('"observe" or "enforce": what was "audit" is now "observe"')
    return mode


class Sweep(Block):
    """When and how fast every account is audited, and how long that is kept on record."""

    schedule: Annotated[str, _SCHEDULE] = "rate(1 day)"
    mode: Annotated[Mode, AS_JSON, BeforeValidator(_no_old_word), MODE] = Mode.OBSERVE
    batch_size: Annotated[int, whole(1, 500)] = 50
    max_concurrency: Annotated[int, whole(1, 100)] = 10
    # The quota of STS for the whole account and Region, which others need a part of.
    requests_per_second: Annotated[int, whole(1, 600)] = 100
    report_retention_days: Annotated[int, whole(30, 3653, " of days")] = 400
    object_lock: Flag = False
    security_hub: Flag = False

    @rule("requests_per_second")
    @classmethod
    def _in_time(cls, requests: int, info: ValidationInfo) -> int:
        size, workers = info.data.get("batch_size", 0), info.data.get("max_concurrency", 0)
        least = math.ceil(size * workers / SECONDS_A_BATCH)
        if requests < least:
            refuse(
                f"at least {least}, so that {workers} workers at once are through with batches of {size}"
                f" accounts in {SECONDS_A_BATCH} seconds",
                found=requests,
            )
        return requests

    @property
    def may_enforce(self) -> bool:
        """Say whether sweeps may remove what they find."""
        return self.mode is Mode.ENFORCE

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
        return asked_values.hours_between(self.schedule)


class ProbeTurn(StrEnum):
    """How often a sweep probes the forwarded Regions beside us-east-1, which every audit proves."""

    WEEKLY = "weekly"
    EVERY_SWEEP = "every_sweep"
    NEVER = "never"


class Coverage(Block):
    """How it is proven that alarm paths work."""

    other_regions: Annotated[ProbeTurn, AS_JSON, Takes('"weekly" or "every_sweep" or "never"')] = (
        ProbeTurn.WEEKLY
    )

    def turn_hours(self, hours_between_sweeps: int) -> int:
        """Return of how many hours of the week a sweep probes the accounts; all 168 are every account."""
        if self.other_regions is ProbeTurn.EVERY_SWEEP:
            return HOURS_A_WEEK
        return min(HOURS_A_WEEK, math.ceil(hours_between_sweeps * _OVERLAP))
