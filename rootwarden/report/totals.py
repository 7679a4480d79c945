"""How many accounts stand how, now and over the last sweeps."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rootwarden.event_fields import Fields
from rootwarden.outcomes import iso
from rootwarden.sweep.sweep import AccountRow, RowResult

KEPT = 90


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Counts of accounts. Each has one result; exempt, recovery_window and needs_attention cut across."""

    accounts: int = 0
    clean: int = 0
    exposed: int = 0
    hardened: int = 0
    partial: int = 0
    unreachable: int = 0
    not_active: int = 0
    management: int = 0
    exempt: int = 0
    recovery_window: int = 0
    needs_attention: int = 0

    @property
    def proven(self) -> int:
        """How many were seen to have no root credential."""
        return self.clean + self.hardened

    @property
    def in_question(self) -> int:
        """How many should be proven: active member accounts."""
        return self.accounts - self.not_active - self.management

    @classmethod
    def of(cls, rows: Iterable[AccountRow]) -> Self:
        """Count."""
        counts: Counter[str] = Counter()
        for row in rows:
            counts.update(["accounts", row.result.value])
            counts["exempt"] += row.is_exempt
            counts["recovery_window"] += row.recovery_window is not None
            counts["needs_attention"] += row.needs_attention
        return cls(**counts)

    def to_detail(self) -> dict[str, int]:
        """Return the JSON form."""
        results = {result.value: int(getattr(self, result.value)) for result in RowResult}
        return {
            "accounts": self.accounts,
            **results,
            "exempt": self.exempt,
            "recoveryWindow": self.recovery_window,
            "needsAttention": self.needs_attention,
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            accounts=fields.number("accounts"),
            exempt=fields.number("exempt"),
            recovery_window=fields.number("recoveryWindow"),
            needs_attention=fields.number("needsAttention"),
            **{result.value: fields.number(result.value) for result in RowResult},
        )


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One sweep's totals."""

    sweep_id: str
    finished_at: datetime
    totals: Totals

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "sweepId": self.sweep_id,
            "finishedAt": iso(self.finished_at),
            "totals": self.totals.to_detail(),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            sweep_id=fields.text("sweepId"),
            finished_at=fields.time("finishedAt"),
            totals=Totals.from_detail(fields.object("totals")),
        )


def extended(history: Iterable[HistoryEntry], now: HistoryEntry) -> tuple[HistoryEntry, ...]:
    """Return the history with this sweep at its end, once, and no more than is kept."""
    before = [entry for entry in history if entry.sweep_id != now.sweep_id]
    return (*before, now)[-KEPT:]
