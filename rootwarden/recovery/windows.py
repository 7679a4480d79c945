"""Recovery windows: time in which root password recovery is deliberately allowed in an account."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import UNSET, UnsetType

from rootwarden.events import AccountId, Record
from rootwarden.outcomes import AccountReference, Time, iso


class RecoveryWindow(Record, frozen=True, kw_only=True):
    """One open window: until when, why, and by whose word. Since when, and approved by whom, alerts say."""

    until: Time
    reason: str
    opened_by: str
    opened_at: Time | UnsetType = UNSET
    approved_by: tuple[str, ...] | UnsetType = UNSET

    @property
    def whose(self) -> str:
        """By whose word it is open, and why."""
        approved = f", approved by {', '.join(self.approved_by)}" if self.approved_by else ""
        return f"{self.opened_by} opened{approved}, until {self.until:%Y-%m-%d %H:%M} UTC ({self.reason})"


class WindowState(StrEnum):
    """Where a window stands. Until its end it counts as open, unless it is closing."""

    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"


class ClosedHow(StrEnum):
    """What a window was closed by: its own schedule, a person, the look every five minutes, or a sweep."""

    SCHEDULE = "schedule"
    REQUEST = "request"
    LOOK = "look"
    SWEEP = "sweep"


class ClosedBy(Record, frozen=True):
    """What a window was closed by, and by whose word where it was a person's."""

    how: ClosedHow
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedWindow:
    """A window as it is on record, from before anything is opened until all is closed.

    closed_by: whose word it is that it is closing.
    """

    account_id: AccountId
    account: AccountReference
    window: RecoveryWindow
    state: WindowState
    opened_at: datetime
    approved_by: tuple[str, ...] = ()
    closed_by: ClosedBy | None = None

    def counts(self, now: datetime) -> bool:
        """Say whether the account is left alone for this window's sake."""
        return self.state is not WindowState.CLOSING and self.window.until > now

    def is_begun_like(self, other: "RecordedWindow") -> bool:
        """Say whether both were asked for alike, so that one request may finish what the other began."""
        mine, its = self.window, other.window
        alike = (mine.reason, mine.opened_by) == (its.reason, its.opened_by)
        return alike and mine.until - self.opened_at == its.until - other.opened_at

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "account": self.account.to_detail(),
            **self.window.to_detail(),
            "openedAt": iso(self.opened_at),
            "approvedBy": list(self.approved_by),
            "state": self.state.value,
        }


class Windows(Protocol):
    """The windows on record, and their index. Every method raises CallRefused."""

    def find(self, account_id: AccountId) -> RecordedWindow | None:
        """Return the account's window in whatever state, None where there is none."""

    def begin(self, recorded: RecordedWindow) -> None:
        """Put a window on record where none is."""

    def mark(self, recorded: RecordedWindow, state: WindowState, closed_by: ClosedBy | None = None) -> None:
        """Move a window that is still on record to another state; to closing by somebody's word."""

    def remove(self, account_id: AccountId) -> None:
        """Take a window off the record and out of the index; again does no harm."""

    def accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts in the index: all that have a window, and perhaps others."""


class WindowEnds(Protocol):
    """What ends a window when its time is over. Every method raises CallRefused."""

    def delete(self, account_id: AccountId) -> None:
        """Forget the end of the account's window; again does no harm."""
