"""How many accounts stand how, now and over the last sweeps."""

from collections import Counter
from collections.abc import Iterable
from typing import Self

from msgspec import field

from rootwarden.events import Record
from rootwarden.outcomes import Count, Time
from rootwarden.sweep.sweep import AccountRow

KEPT = 90


class Totals(Record, frozen=True, kw_only=True):
    """Counts of accounts. Each has one result; the last three cut across."""

    accounts: Count
    clean: Count
    exposed: Count
    hardened: Count
    partial: Count
    unreachable: Count
    not_active: Count = field(name="not_active")
    management: Count
    exempt: Count
    recovery_window: Count
    needs_attention: Count

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
        return cls(**{name: counts[name] for name in cls.__struct_fields__})


class HistoryEntry(Record, frozen=True, kw_only=True):
    """One sweep's totals."""

    sweep_id: str
    finished_at: Time
    totals: Totals


def extended(history: Iterable[HistoryEntry], now: HistoryEntry) -> tuple[HistoryEntry, ...]:
    """Return the history with this sweep at its end, once, and no more than is kept."""
    before = [entry for entry in history if entry.sweep_id != now.sweep_id]
    return (*before, now)[-KEPT:]
