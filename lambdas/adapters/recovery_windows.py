"""Recovery windows in the state table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lambdas.adapters.state_table import StateTable, from_epoch, number_in, text_in
from lambdas.domain.accounts import AccountId
from lambdas.domain.recovery_windows import RecoveryWindow


@dataclass(frozen=True)
class RecoveryWindows:
    """The windows that are open."""

    table: StateTable
    clock: Callable[[], datetime]

    def open_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's recovery window while it is open."""
        item = self.table.get(f"WINDOW#{account_id}")
        until = from_epoch(number_in(item, "until"))
        if until <= self.clock():
            return None
        return RecoveryWindow(
            until=until,
            reason=text_in(item, "reason") or "no reason on record",
            opened_by=text_in(item, "opened_by") or "unknown",
        )
