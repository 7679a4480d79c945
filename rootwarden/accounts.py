"""AWS accounts as Organizations describes them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rootwarden.events import AccountId


class AccountState(StrEnum):
    """Where an account stands in its life; Organizations' own words."""

    PENDING_ACTIVATION = "PENDING_ACTIVATION"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    PENDING_CLOSURE = "PENDING_CLOSURE"
    CLOSED = "CLOSED"


KNOWN_STATES: frozenset[str] = frozenset(AccountState)


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of the organization. state: Organizations' word, in a list also one not in KNOWN_STATES.

    organizational_units: from the root down, None when not said. joined_at, joined_method: when and how it
    joined the organization, where that was said, in Organizations' words.
    """

    account_id: AccountId
    name: str | None
    state: str
    organizational_units: tuple[str, ...] | None = None
    joined_at: datetime | None = None
    joined_method: str | None = None

    @property
    def organizational_unit(self) -> str | None:
        """The id of the unit the account stands in; None directly under the root, or when not said."""
        return self.organizational_units[-1] if self.organizational_units else None


class Directory(Protocol):
    """The organization's own directory of accounts."""

    def describe(self, account_id: AccountId) -> Account | None:
        """Return the account, or None when it is not in the organization; raises CallRefused.

        Its state is one of KNOWN_STATES.
        """
