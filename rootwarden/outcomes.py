"""Outcome events: what was done or found, as rootwarden says it on its bus. Schemas: docs/events.md."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from rootwarden.accounts import Account, AccountId
from rootwarden.event_fields import Fields

SOURCE = "rootwarden"
VERSION = "1"


class Outcome(Protocol):
    """Anything that can be said on the bus."""

    @property
    def detail_type(self) -> str:
        """The EventBridge detail-type."""

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""


@dataclass(frozen=True, kw_only=True)
class AccountReference:
    """The account an outcome is about; account_id is None where an event named none (a failed creation)."""

    account_id: AccountId | None
    name: str | None = None
    organizational_unit: str | None = None

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "id": self.account_id,
            "name": self.name,
            "organizationalUnit": self.organizational_unit,
        }

    @classmethod
    def of(cls, account: Account) -> "AccountReference":
        """Refer to an account of the organization."""
        unit = account.organizational_unit
        return cls(account_id=account.account_id, name=account.name, organizational_unit=unit)

    @classmethod
    def from_detail(cls, fields: Fields) -> "AccountReference":
        """Read the JSON form."""
        account_id = fields.optional_text("id")
        return cls(
            account_id=AccountId(account_id) if account_id else None,
            name=fields.optional_text("name"),
            organizational_unit=fields.optional_text("organizationalUnit"),
        )

    def __str__(self) -> str:
        """Return the name with the id, as people read it."""
        if self.account_id is None:
            return self.name or "an unknown account"
        return f"{self.name} ({self.account_id})" if self.name else self.account_id


def iso(time: datetime) -> str:
    """Return a UTC time as AWS events write it: whole seconds, Z, and four digits for any year."""
    return f"{time.year:04}-{time:%m-%dT%H:%M:%SZ}"


def utc_now() -> datetime:
    """Return the time in UTC, in whole seconds: what the state table and outcomes keep."""
    return datetime.now(UTC).replace(microsecond=0)
