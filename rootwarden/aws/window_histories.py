"""The state table's memory of recent recovery windows, an item an account."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rootwarden.accounts import AccountId
from rootwarden.aws.errors import refusals
from rootwarden.aws.state_table import (
    KeyKind,
    StateTable,
    epoch,
    from_epoch,
    number,
    number_in,
    text,
    text_in,
)
from rootwarden.recovery.history import Span, WindowHistory


@dataclass(frozen=True)
class WindowHistoriesTable:
    """See rootwarden.recovery.history.WindowHistories."""

    table: StateTable
    clock: Callable[[], datetime]

    def of(self, account_id: AccountId) -> WindowHistory:
        """Return an account's history, an empty one where none is kept."""
        with refusals():
            item = self.table.get(KeyKind.WINDOWED.key(account_id))
        closed_at = number_in(item, "closed_at")
        # By their beginnings, or as an earlier version kept them, by their planned ends.
        kept = json.loads(text_in(item, "spans") or "{}").values()
        spans = (Span(from_epoch(opened), from_epoch(ended)) for opened, ended in kept)
        now = self.clock()
        return WindowHistory(
            tuple(span for span in spans if KeyKind.WINDOWED.expires_at(span.ended_at) > now),
            from_epoch(closed_at) if closed_at else None,
        )

    def keep(self, account_id: AccountId, history: WindowHistory) -> None:
        """Keep a history in place of the one before."""
        spans = {
            str(epoch(span.opened_at)): [epoch(span.opened_at), epoch(span.ended_at)]
            for span in history.spans
        }
        last = max((span.ended_at for span in history.spans), default=self.clock())
        values = {
            ":spans": text(json.dumps(spans)),
            ":until": number(epoch(KeyKind.WINDOWED.expires_at(last))),
        }
        expression = "SET spans = :spans, expires_at = :until"
        if history.closed_at:
            expression += ", closed_at = :closed"
            values[":closed"] = number(epoch(history.closed_at))
        with refusals():
            self.table.update(KeyKind.WINDOWED.key(account_id), expression, values)

    def hardened(self, account_id: AccountId) -> None:
        """Have no hardening awaited any more; again does no harm."""
        now = self.clock()
        values = {":now": number(epoch(now)), ":kept": number(epoch(KeyKind.WINDOWED.expires_at(now)))}
        expression = "SET hardened_at = :now, expires_at = if_not_exists(expires_at, :kept) REMOVE closed_at"
        self.table.update(KeyKind.WINDOWED.key(account_id), expression, values)
