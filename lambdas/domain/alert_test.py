"""The outcome event `Test Alert`: asked for by a person, to see that every channel reaches people."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from lambdas.domain.event_fields import Fields
from lambdas.domain.outcomes import VERSION, AccountReference, iso


@dataclass(frozen=True, kw_only=True)
class AlertTest:
    """A test of the way to people. account: the hub's; requested_by: what the caller says they are."""

    detail_type: ClassVar[str] = "Test Alert"

    account: AccountReference
    requested_by: str
    occurred_at: datetime

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        return {
            "version": VERSION,
            "account": self.account.to_detail(),
            "requestedBy": self.requested_by,
            "occurredAt": iso(self.occurred_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            requested_by=fields.text("requestedBy"),
            occurred_at=fields.time("occurredAt"),
        )
