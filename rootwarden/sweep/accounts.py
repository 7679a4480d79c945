"""Accounts on their way through a sweep: as Organizations listed them, whatever it said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rootwarden.accounts import Account, AccountId, AccountState, parse_account_id
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.outcomes import iso


@dataclass(frozen=True, kw_only=True)
class ListedAccount:
    """An account of the list. state: Organizations' own word, also one that nobody knows yet.

    joined_at: when it joined the organization, where that was said.
    """

    account_id: AccountId
    name: str | None
    state: str
    organizational_units: tuple[str, ...] | None = None
    joined_at: datetime | None = None

    @property
    def organizational_unit(self) -> str | None:
        """The id of the unit the account stands in; None directly under the root, or when not told."""
        return self.organizational_units[-1] if self.organizational_units else None

    def known(self) -> Account:
        """Return the account as decisions take it; raises ValueError for a state that nobody knows."""
        return Account(
            account_id=self.account_id,
            name=self.name,
            state=AccountState(self.state),
            organizational_units=self.organizational_units,
        )

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        units = self.organizational_units
        return {
            "id": self.account_id,
            "name": self.name,
            "state": self.state,
            "organizationalUnits": None if units is None else list(units),
            "joinedAt": None if self.joined_at is None else iso(self.joined_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent only where there is no account id."""
        return cls(
            account_id=parse_account_id(fields.text("id"), "id"),
            name=fields.optional_text("name"),
            state=fields.optional_text("state") or "UNKNOWN",
            organizational_units=fields.optional_texts("organizationalUnits"),
            joined_at=_time(fields),
        )


def _time(fields: Fields) -> datetime | None:
    try:
        return fields.time("joinedAt")
    except MalformedEvent:
        return None


def each_once(accounts: Iterable[ListedAccount]) -> list[ListedAccount]:
    """Return every account once, in order; of an account listed twice, what was said first."""
    first: dict[AccountId, ListedAccount] = {}
    for account in accounts:
        first.setdefault(account.account_id, account)
    return list(first.values())
