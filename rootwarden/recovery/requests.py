"""What operators, schedules and sweeps ask of recovery windows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rootwarden.accounts import AccountId, parse_account_id
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.recovery.outcome import ClosedBy, ClosedHow
from rootwarden.requests import LONGEST_NAME, bounded_text


class WindowRefusal(StrEnum):
    """Why a request about a window is turned away."""

    OPEN = "WindowOpen"
    NOT_CLOSED = "WindowNotClosed"
    BUSY = "WindowBusy"
    NONE = "NoWindow"
    NOT_HARDENED = "AccountNotHardened"
    WEEK = "HoursOfTheWeek"
    NOT_THE_SCHEDULE = "NotTheSchedule"


def read_length(fields: Fields, longest_hours: int) -> timedelta:
    """Return for how long a window is asked; raises MalformedEvent for more than is allowed."""
    hours = fields.number("hours")
    if not 1 <= hours <= longest_hours:
        raise MalformedEvent("hours", f"a whole number from 1 to {longest_hours}", hours)
    return timedelta(hours=hours)


@dataclass(frozen=True, kw_only=True)
class CloseRequest:
    """One window to close. ending: only the window that ends at this time; another one stays."""

    account_id: AccountId
    closed_by: ClosedBy
    ending: datetime | None


def read_close_request(fields: Fields) -> CloseRequest:
    """Read a request to close one window; raises MalformedEvent naming the field.

    A sweep closes what is overdue, and never one window by its name.
    """
    by = fields.object("closedBy")
    closed_by = ClosedBy.from_detail(by)
    if closed_by.how is ClosedHow.SWEEP:
        raise MalformedEvent("closedBy.how", "schedule or request", closed_by.how)
    if closed_by.how is ClosedHow.SCHEDULE:
        closed_by = ClosedBy(closed_by.how)
    if closed_by.how is ClosedHow.REQUEST:
        closed_by = ClosedBy(closed_by.how, bounded_text(by, "by", LONGEST_NAME))
    return CloseRequest(
        account_id=parse_account_id(fields.text("account"), "account"),
        closed_by=closed_by,
        ending=fields.time("until") if fields.has("until") else None,
    )


def is_from_schedule(event: object) -> bool:
    """Say whether nobody waits for the answer to a request."""
    by = Fields(event).optional_object("closedBy") if isinstance(event, Mapping) else None
    return by is not None and by.optional_text("how") == ClosedHow.SCHEDULE
