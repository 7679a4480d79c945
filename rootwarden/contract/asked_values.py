"""What values take that rootctl init asks for: what it writes, synthesizing must not refuse."""

import json
import re

from rootwarden.contract.settings import written

EMAIL = r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+"
SLACK_WORKSPACE = r"T[A-Z0-9]{5,254}"
SLACK_CHANNEL = r"[CG][A-Z0-9]{5,254}"
SECRET = r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9_/+=.@-]+"
# They stand in a function's environment, escaped, beside its other variables.
MAX_EMAILS_BYTES = 1536

SCHEDULE = "rate(1 hour) to rate(4 days), or once a day cron(MINUTE HOUR * * ? *), in UTC"
_HOURS = {"hour": 1, "hours": 1, "day": 24, "days": 24}
# An alarm looks back seven days at most, and here looks back one and a half times the schedule.
_LONGEST_HOURS = 4 * 24
_DAILY = re.compile(r"cron\((\d|[1-5]\d) (\d|1\d|2[0-3]) (\* \* \?|\? \* \*) \*\)")


def escaped_bytes(value: object) -> int:
    """Return how many bytes a setting takes as Lambda counts them."""
    return len(json.dumps(written(value)))


def is_in_region(arn: str, region: str) -> bool:
    """Say whether a secret or a key is in a Region: functions read those of their own Region only."""
    return arn.split(":")[3] == region


def is_schedule(text: str) -> bool:
    """Say whether sweeps can begin by this schedule."""
    return 0 < hours_between(text) <= _LONGEST_HOURS


def hours_between(schedule: str) -> int:
    """Return the hours from one sweep to the next; 0 for what is no schedule of ours."""
    if _DAILY.fullmatch(schedule):
        return 24
    rate = re.fullmatch(r"rate\(([1-9]\d{0,3}) (\w+)\)", schedule)
    number, unit = (int(rate[1]), rate[2]) if rate else (0, "")
    # AWS refuses `rate(1 days)` and `rate(2 day)`.
    return number * _HOURS.get(unit, 0) if unit.endswith("s") == (number > 1) else 0
