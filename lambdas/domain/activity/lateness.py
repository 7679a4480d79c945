"""Events that come late: how late, and how that is said."""

from datetime import datetime, timedelta

from lambdas.domain.cloudtrail import CloudTrailRecord

LATE = timedelta(days=1)
_LATE_BY_ITS_WORD = frozenset({"DELIVERY_DELAY", "SERVICE_OUTAGE"})


def age(length: timedelta) -> str:
    """Return a length of time in its largest whole unit."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def lateness(record: CloudTrailRecord, now: datetime) -> tuple[str, ...]:
    """Say that a record came late, with both times and the age; empty where it did not."""
    happened, delivered = record.time, record.delivered_at
    if record.addendum_reason in _LATE_BY_ITS_WORD or delivered - happened >= LATE:
        why = f" ({record.addendum_reason})" if record.addendum_reason in _LATE_BY_ITS_WORD else ""
        arrival = f"AWS delivered the event at {_time(delivered)}, {age(delivered - happened)} later{why}"
        return (f"it happened at {_time(happened)}, and {arrival}",)
    if now - happened >= LATE:
        waited = f"it is reported at {_time(now)}, {age(now - happened)} later"
        return (f"it happened at {_time(happened)}, and {waited}",)
    return ()


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
