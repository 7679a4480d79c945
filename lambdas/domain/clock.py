"""The time, where a clock is passed in."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time in UTC, in whole seconds: what the state table and outcomes keep."""
    return datetime.now(UTC).replace(microsecond=0)
