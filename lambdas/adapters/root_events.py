"""When an event of an account's root last arrived: how a member that forwards is told from a deaf one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.adapters.state_table import StateTable, epoch, number
from lambdas.domain.accounts import AccountId

PREFIX = "ROOTEVENT#"
_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class RootEvents:
    """The times, in the state table."""

    table: StateTable
    clock: Callable[[], datetime]

    def arrived(self, account_id: AccountId, at: datetime) -> None:
        """Put on record that an event of this time arrived, also one of a root session of ours."""
        item = {"seen_at": number(epoch(at))}
        self.table.put(f"{PREFIX}{account_id}", item, expires_at=self.clock() + _KEPT)
