"""One sweep over the organization: who it is, and where its accounts and results are kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Self

from rootwarden.contract.settings import SweepMode
from rootwarden.event_fields import Fields
from rootwarden.outcomes import iso


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One execution. mode: None when it was not told, so that the configured one holds."""

    sweep_id: str
    started_at: datetime
    mode: SweepMode | None

    @property
    def accounts_key(self) -> str:
        """Where the list of accounts is kept."""
        return f"sweeps/{self.sweep_id}/accounts.json"

    @property
    def results_prefix(self) -> str:
        """Where the batches' results are kept."""
        return f"sweeps/{self.sweep_id}/results/"

    @property
    def undelivered_prefix(self) -> str:
        """Where it is kept what accounts could not send."""
        return f"sweeps/{self.sweep_id}/undelivered/"

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"sweepId": self.sweep_id, "startedAt": iso(self.started_at), "mode": self.mode}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            sweep_id=fields.text("sweepId"),
            started_at=fields.time("startedAt"),
            mode=fields.choice(SweepMode, "mode") if fields.has("mode") else None,
        )


@dataclass
class RateLimiter:
    """Gives out evenly spaced turns to any number of threads.

    burst: how many turns that nobody took are kept for later, so that a late thread costs no throughput.
    """

    per_second: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    burst: int = 1
    _next: float = field(default=0.0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def wait(self) -> None:
        """Return when it is this thread's turn."""
        now = self.clock()
        with self._lock:
            turn = max(self._next, now - (self.burst - 1) / self.per_second)
            self._next = turn + 1 / self.per_second
        if turn > now:
            self.sleep(turn - now)
