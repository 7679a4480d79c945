"""What operators, schedules and sweeps ask of recovery windows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rootwarden.events import AccountId, Fields, MalformedEvent, parse_account_id
from rootwarden.recovery.windows import ClosedBy, ClosedHow
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
    """One window to close. ending: only the window that ends at this time; another one stays.

    opened_at: when that window was opened, as its schedule knows; schedules of an earlier version did not.
    """

    account_id: AccountId
    closed_by: ClosedBy
    ending: datetime | None
    opened_at: datetime | None = None


def persons_request(fields: Fields) -> CloseRequest:
    """Read what a person asks, by whatever name; raises MalformedEvent naming the field."""
    by = bounded_text(fields, "requestedBy", LONGEST_NAME)
    ending = fields.time("until") if fields.has("until") else None
    return CloseRequest(account_id=_account(fields), closed_by=ClosedBy(ClosedHow.REQUEST, by), ending=ending)


def schedules_request(fields: Fields) -> CloseRequest:
    """Read what a window's own schedule asks; raises MalformedEvent naming the field."""
    return CloseRequest(
        account_id=_account(fields),
        closed_by=ClosedBy(ClosedHow.SCHEDULE),
        ending=fields.time("until"),
        opened_at=fields.time("openedAt") if fields.has("openedAt") else None,
    )


def _account(fields: Fields) -> AccountId:
    return parse_account_id(fields.text("account"), "account")
