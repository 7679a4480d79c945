"""Which CloudTrail events were reported, and how bad they were said to be.

AWS may correct an event later; the correction is news only where it makes things worse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.adapters.state_table import StateTable, text, text_in
from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.severity import Severity

# AWS does not say how long after an event it may still correct it.
_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class ReportedEvents:
    """The events, in the state table."""

    table: StateTable
    clock: Callable[[], datetime]

    def severity(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None where it is not on record."""
        found = text_in(self.table.get(_pk(account_id, event_id)), "severity")
        return Severity(found) if found else None

    def remember(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported."""
        item = {"severity": text(severity)}
        self.table.put(_pk(account_id, event_id), item, expires_at=self.clock() + _KEPT)


def _pk(account_id: AccountId, event_id: str) -> str:
    return f"REPORTED#{account_id}#{event_id}"
