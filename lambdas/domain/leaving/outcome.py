"""The outcome event `Account Left Organization`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from lambdas.domain.event_fields import Fields
from lambdas.domain.outcomes import VERSION, AccountReference, iso

# AWS's word for the departure of an account that was closed 90 days before.
CLEANED = "CLEANED"


class Leaving(StrEnum):
    """How an account went."""

    DEPARTED = "departed"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class AccountLeft:
    """An account that is out of reach from now on. exemption_until: when one is still configured for it."""

    detail_type: ClassVar[str] = "Account Left Organization"

    account: AccountReference
    how: Leaving
    method: str | None
    last_result: str | None
    last_seen_at: datetime | None
    exemption_until: str | None
    occurred_at: datetime

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        return {
            "version": VERSION,
            "account": self.account.to_detail(),
            "how": self.how.value,
            "method": self.method,
            "lastResult": self.last_result,
            "lastSeenAt": iso(self.last_seen_at) if self.last_seen_at else None,
            "exemptionUntil": self.exemption_until,
            "occurredAt": iso(self.occurred_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        seen = fields.optional_text("lastSeenAt")
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            how=fields.choice(Leaving, "how"),
            method=fields.optional_text("method"),
            last_result=fields.optional_text("lastResult"),
            last_seen_at=fields.time("lastSeenAt") if seen else None,
            exemption_until=fields.optional_text("exemptionUntil"),
            occurred_at=fields.time("occurredAt"),
        )
