"""AWS accounts as Organizations describes them."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from rootwarden.event_fields import MalformedEvent

AccountId = NewType("AccountId", str)


def parse_account_id(value: str, field: str = "account id") -> AccountId:
    """Return a 12-digit account id; raises MalformedEvent naming the field."""
    if not re.fullmatch(r"[0-9]{12}", value):
        raise MalformedEvent(field, "an account id of 12 digits", value)
    return AccountId(value)


class AccountState(StrEnum):
    """Where an account stands in its life; Organizations' own words."""

    PENDING_ACTIVATION = "PENDING_ACTIVATION"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    PENDING_CLOSURE = "PENDING_CLOSURE"
    CLOSED = "CLOSED"


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of the organization.

    organizational_units: from the root down. None, as joined_at, when not told.
    """

    account_id: AccountId
    name: str | None
    state: AccountState
    organizational_units: tuple[str, ...] | None = None
    joined_at: datetime | None = None

    @property
    def organizational_unit(self) -> str | None:
        """The id of the unit the account stands in; None directly under the root, or when not told."""
        return self.organizational_units[-1] if self.organizational_units else None
