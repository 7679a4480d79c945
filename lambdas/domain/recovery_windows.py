"""Recovery windows: time in which root password recovery is deliberately allowed in an account."""

from dataclasses import dataclass
from datetime import datetime

from lambdas.domain.event_fields import Fields
from lambdas.domain.outcomes import iso


@dataclass(frozen=True, kw_only=True)
class RecoveryWindow:
    """One open window: until when, why, and by whose word."""

    until: datetime
    reason: str
    opened_by: str

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"until": iso(self.until), "reason": self.reason, "openedBy": self.opened_by}

    @classmethod
    def from_detail(cls, fields: Fields) -> "RecoveryWindow":
        """Read the JSON form."""
        return cls(
            until=fields.time("until"),
            reason=fields.text("reason"),
            opened_by=fields.text("openedBy"),
        )
