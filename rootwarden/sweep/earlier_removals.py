"""What earlier attempts removed and no outcome has named: in a sweep's rows, and said by an enforcing one.

A worker that stops after deleting leaves accounts that look clean to the next; the record knows better.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

from rootwarden.accounts import AccountId
from rootwarden.hardening.outcome import Progress
from rootwarden.root_credentials import Credential
from rootwarden.sweep.sweep import AccountRow, RowResult


class Removals(Protocol):
    """What was removed, until a final outcome has named it and its sweep has written its rows."""

    def accounts(self) -> Set[AccountId]:
        """Return the accounts with a record, and perhaps others."""

    def unreported(self, account_id: AccountId) -> Progress:
        """Return what no final outcome has named yet."""

    def named_by(self, event_id: str, account_id: AccountId) -> Progress:
        """Return what the final outcome of this sweep has named."""

    def forget(self, account_id: AccountId) -> None:
        """Take it off the record; again does no harm."""


@dataclass(frozen=True, kw_only=True)
class EarlierRemovals:
    """Completes rows. settle: publishes a final outcome and completes the row; None in a sweep that looks."""

    removals: Removals
    sweep_id: str
    settle: Callable[[AccountRow], AccountRow] | None

    def named_in(self, rows: Sequence[AccountRow]) -> list[AccountRow]:
        """Return the rows with what earlier attempts removed in them."""
        known = self.removals.accounts()
        return [self._completed(row) if row.account.account_id in known else row for row in rows]

    def forget_named(self, rows: Sequence[AccountRow]) -> None:
        """Take off the record what this sweep's outcomes named and its rows, now written, have as well."""
        known = self.removals.accounts() if self.settle else frozenset()
        for account_id in {row.account.account_id for row in rows} & known:
            if self.removals.named_by(self.sweep_id, account_id):
                self.removals.forget(account_id)

    def _completed(self, row: AccountRow) -> AccountRow:
        account_id = row.account.account_id
        named = self.removals.named_by(self.sweep_id, account_id)
        if named:
            return with_removed(row, named.removed, named.tried)
        unreported = self.removals.unreported(account_id)
        if not unreported:
            return row
        if self.settle:
            row = self.settle(row)
            if not self.removals.unreported(account_id):
                return row
        return with_removed(row, unreported.removed, unreported.tried)


def with_removed(row: AccountRow, removed: frozenset[Credential], tried: frozenset[Credential]) -> AccountRow:
    """Return the row with what was removed, and in words what may have been."""
    is_clean = row.posture is not None and row.posture.is_clean
    removed = frozenset(row.removed) | removed | (tried if is_clean else frozenset())
    # What is found there now was not removed.
    perhaps = tried - removed - frozenset(row.preview.found if row.preview else ())
    result = RowResult.HARDENED if removed and row.result is RowResult.CLEAN else row.result
    row = replace(row, removed=tuple(sorted(removed)), result=result)
    if not perhaps:
        return row
    named = ", ".join(map(str, sorted(perhaps)))
    text = f"an attempt that was stopped may have removed {named}"
    return replace(
        row,
        code=row.code or "MayHaveBeenRemoved",
        message=f"{row.message}; {text}" if row.message else text,
    )
