"""One sweep over the organization: who it is, and where its accounts and results are kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from lambdas.domain.event_fields import Fields
from lambdas.domain.outcomes import iso


class SweepMode(StrEnum):
    """Whether a sweep only looks, or removes what it finds as well."""

    AUDIT = "audit"
    ENFORCE = "enforce"


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
