"""Lengths of time, counts and AWS's messages, as people say them."""

import re
from datetime import timedelta

from lambdas.domain.policies.refused_by_policy import advice

# From how many minutes on, times are rounded to how many.
_ROUNDED = ((24 * 60, 60), (60, 5))
_CALLER = re.compile(r"\bUser: \S+ is ")


def ago(age: timedelta) -> str:
    """Return a length of time in its two largest units; from an hour on to 5 minutes, from a day to hours."""
    minutes = max(int(age.total_seconds() // 60), 0)
    rounded = next((step for longest, step in _ROUNDED if minutes >= longest), 1)
    minutes = (minutes + rounded // 2) // rounded * rounded
    days, hours = divmod(minutes // 60, 24)
    parts = ((days, "d"), (hours, "h"), (minutes % 60, "min"))
    told = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(told[:2]) or "less than a minute"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def without_caller(message: str) -> str:
    """Return AWS's message without the ARN of whoever called, which fills a table and tells nothing new."""
    return _CALLER.sub("", message)


def with_advice(message: str) -> str:
    """Return AWS's message without the caller and, where a policy refused the call, with what to do."""
    by_policy = advice(message)
    said = without_caller(message)
    return f"{said.rstrip('. ')}. {by_policy}" if by_policy else said
