"""Recovery windows in the state table: those there are, and when the ones of late were open."""

import json
from dataclasses import dataclass

from msgspec import convert, structs

from rootwarden.aws.clients import refusals
from rootwarden.aws.state_table import ConditionFailed, Item, KeyKind, StateTable, epoch, from_epoch
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.history import Span, WindowHistory
from rootwarden.recovery.windows import (
    ClosedBy,
    RecordedWindow,
    RecoveryWindow,
    WindowState,
)

_INDEX = KeyKind.WINDOWS.key()


@dataclass(frozen=True)
class RecoveryWindows:
    """See rootwarden.recovery.windows.Windows. open_window raises what DynamoDB answers, as it is."""

    table: StateTable

    def open_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's recovery window while it is open."""
        return self.open_in(self.table.get(KeyKind.WINDOW.key(account_id)), account_id)

    def open_in(self, item: Item | None, account_id: AccountId) -> RecoveryWindow | None:
        """Return the recovery window that an item keeps, while it is open."""
        recorded = _standing(item, account_id) if item else None
        return recorded.window if recorded and recorded.counts(self.table.clock()) else None

    def open_since(self, item: Item | None, account_id: AccountId) -> RecoveryWindow | None:
        """Return the open window that an item keeps, with since when it is and who approved it."""
        window = self.open_in(item, account_id)
        if item is None or window is None:
            return None
        recorded = _standing(item, account_id)
        return structs.replace(window, opened_at=recorded.opened_at, approved_by=recorded.approved_by)

    def find(self, account_id: AccountId) -> RecordedWindow | None:
        """Return the account's window in whatever state, None where there is none."""
        with refusals():
            item = self.table.get(KeyKind.WINDOW.key(account_id))
        return _standing(item, account_id) if item else None

    def begin(self, recorded: RecordedWindow) -> None:
        """Put a window on record where none is."""
        # First into the index, which may name an account without a window, but must name every one with.
        self._index("ADD", recorded.account_id)
        item = _item(recorded)
        with refusals():
            try:
                key = KeyKind.WINDOW.key(recorded.account_id)
                self.table.put(key, item, condition="attribute_not_exists(pk)")
            except ConditionFailed as failed:
                # Where the answer was lost, the same request finds what it wrote itself.
                if not item.items() <= failed.item.items():
                    raise

    def mark(self, recorded: RecordedWindow, state: WindowState, closed_by: ClosedBy | None = None) -> None:
        """Move a window that is still on record to another state; to closing by somebody's word."""
        expression, values = "SET #state = :state", {":state": str(state)}
        if closed_by:
            expression += ", closed_by = :closed_by"
            values[":closed_by"] = json.dumps(closed_by.to_detail())
        with refusals():
            self.table.update(
                KeyKind.WINDOW.key(recorded.account_id),
                expression,
                {**values, ":until": epoch(recorded.window.until)},
                names={"#state": "state", "#until": "until"},
                condition="#until = :until",
            )

    def remove(self, account_id: AccountId) -> None:
        """Take a window off the record and out of the index; again does no harm."""
        with refusals():
            self.table.delete(KeyKind.WINDOW.key(account_id))
        self._index("DELETE", account_id)

    def accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts in the index: all that have a window, and perhaps others."""
        with refusals():
            item = self.table.get(_INDEX)
        return tuple(AccountId(account) for account in sorted(item.get("accounts", ())))

    def _index(self, change: str, account_id: AccountId) -> None:
        with refusals():
            self.table.update(_INDEX, f"{change} accounts :accounts", {":accounts": {account_id}})


def _item(recorded: RecordedWindow) -> Item:
    account, window = recorded.account, recorded.window
    return {
        "state": recorded.state,
        "until": epoch(window.until),
        "expires_at": epoch(KeyKind.WINDOW.expires_at(window.until)),
        "reason": window.reason,
        "opened_by": window.opened_by,
        "opened_at": epoch(recorded.opened_at),
        "approved_by": json.dumps(recorded.approved_by),
        **({"account_name": account.name} if account.name else {}),
        **({"account_unit": account.organizational_unit} if account.organizational_unit else {}),
    }


def _standing(item: Item, account_id: AccountId) -> RecordedWindow:
    closed_by = item.get("closed_by")
    return RecordedWindow(
        account_id=account_id,
        account=AccountReference(
            account_id=account_id,
            name=item.get("account_name"),
            organizational_unit=item.get("account_unit"),
        ),
        window=RecoveryWindow(
            until=from_epoch(item.get("until", 0)),
            reason=item.get("reason") or "no reason on record",
            opened_by=item.get("opened_by") or "unknown",
        ),
        state=WindowState(item.get("state") or WindowState.OPEN),
        opened_at=from_epoch(item.get("opened_at", 0)),
        approved_by=tuple(json.loads(item.get("approved_by") or "[]")),
        closed_by=convert(json.loads(closed_by), ClosedBy) if closed_by else None,
    )


@dataclass(frozen=True)
class WindowHistoriesTable:
    """See rootwarden.recovery.history.WindowHistories."""

    table: StateTable

    def of(self, account_id: AccountId) -> WindowHistory:
        """Return an account's history, an empty one where none is kept."""
        with refusals():
            item = self.table.get(KeyKind.WINDOWED.key(account_id))
        closed_at = item.get("closed_at", 0)
        # By their beginnings, or as an earlier version kept them, by their planned ends.
        kept = json.loads(item.get("spans") or "{}").values()
        spans = (Span(from_epoch(opened), from_epoch(ended)) for opened, ended in kept)
        now = self.table.clock()
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
        last = max((span.ended_at for span in history.spans), default=self.table.clock())
        values = {":spans": json.dumps(spans), ":until": epoch(KeyKind.WINDOWED.expires_at(last))}
        expression = "SET spans = :spans, expires_at = :until"
        if history.closed_at:
            expression += ", closed_at = :closed"
            values[":closed"] = epoch(history.closed_at)
        with refusals():
            self.table.update(KeyKind.WINDOWED.key(account_id), expression, values)

    def hardened(self, account_id: AccountId) -> None:
        """Have no hardening awaited any more; again does no harm."""
        now = self.table.clock()
        values = {":now": epoch(now), ":kept": epoch(KeyKind.WINDOWED.expires_at(now))}
        expression = "SET hardened_at = :now, expires_at = if_not_exists(expires_at, :kept) REMOVE closed_at"
        self.table.update(KeyKind.WINDOWED.key(account_id), expression, values)
