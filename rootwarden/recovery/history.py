"""What an account's earlier windows leave room for: so many hours a week, and none before it was hardened."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from rootwarden.events import AccountId
from rootwarden.recovery.requests import WindowRefusal
from rootwarden.recovery.windows import RecordedWindow
from rootwarden.requests import RequestRefused

WEEK = timedelta(days=7)
# Longer than the hardening after a window is tried: then its message is a dead letter, and an alarm says so.
LONGEST_HARDENING = timedelta(minutes=90)

_MINUTES = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True)
class Span:
    """From when to when a window was open, or is to be."""

    opened_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class WindowHistory:
    """An account's recent windows; no two begin at once. closed_at: while a hardening is awaited."""

    spans: tuple[Span, ...] = ()
    closed_at: datetime | None = None

    def opened(self, recorded: RecordedWindow) -> "WindowHistory":
        """Count a window until its end."""
        span = Span(recorded.opened_at, recorded.window.until)
        return WindowHistory((*self.without(recorded).spans, span))

    def ended(self, recorded: RecordedWindow, now: datetime) -> "WindowHistory":
        """Count a window for as long as it was open, and await its account's hardening."""
        # Never to its planned end, which says that nobody closed it.
        ended_at = now if now != recorded.window.until else now + timedelta(seconds=1)
        span = Span(recorded.opened_at, ended_at)
        return WindowHistory((*self.without(recorded).spans, span), closed_at=now)

    def without(self, recorded: RecordedWindow) -> "WindowHistory":
        """Count a window not at all, because nothing was opened."""
        return replace(self, spans=tuple(s for s in self.spans if s.opened_at != recorded.opened_at))

    def shows_closed(self, opened_at: datetime | None, until: datetime) -> bool:
        """Say whether a window was closed: this one, or any where it is not known when it was opened."""
        spans = (span for span in self.spans if opened_at in {None, span.opened_at})
        return any(span.ended_at != until for span in spans)

    def check(self, recorded: RecordedWindow, most_hours: int) -> None:
        """Raise RequestRefused where the window may not open now, saying from when on it may."""
        now = recorded.opened_at
        if self.closed_at and now < self.closed_at + LONGEST_HARDENING:
            text = (
                f"the last window of {recorded.account} was closed at {self.closed_at:{_MINUTES}} and the"
                " hardening after it has not ended yet; ask again when its end is announced, or after"
                f" {self.closed_at + LONGEST_HARDENING:{_MINUTES}}"
            )
            raise RequestRefused(WindowRefusal.NOT_HARDENED, text)
        length, most = recorded.window.until - now, timedelta(hours=most_hours)
        possible_at = self._possible_at(length, most)
        if possible_at and now < possible_at:
            text = (
                f"windows of {recorded.account} may be open {most_hours} hours within 7 days"
                f" (recovery.max_hours_per_week); {length // timedelta(hours=1)} hours more are possible from"
                f" {possible_at:{_MINUTES}} on"
            )
            raise RequestRefused(WindowRefusal.WEEK, text)

    def _possible_at(self, length: timedelta, most: timedelta) -> datetime | None:
        """Return when a window of this length may begin; None where any time is right."""
        room = most - length
        for span in sorted(self.spans, key=lambda span: span.ended_at, reverse=True):
            lasted = span.ended_at - span.opened_at
            if lasted > room:
                # The week that ends with the new window must begin after what there is no room for.
                return span.ended_at - room + WEEK - length
            room -= lasted
        return None


class WindowHistories(Protocol):
    """Where histories are kept, by account. Every method raises CallRefused."""

    def of(self, account_id: AccountId) -> WindowHistory:
        """Return an account's history, an empty one where none is kept."""

    def keep(self, account_id: AccountId, history: WindowHistory) -> None:
        """Keep a history in place of the one before."""
