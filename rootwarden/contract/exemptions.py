"""Exemptions: accounts that are left alone, with a reason and an end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from rootwarden.accounts import Account, AccountId, parse_account_id
from rootwarden.event_fields import Fields


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """One account, or every account below one organizational unit; until: the last exempt day, in UTC."""

    account: AccountId | None
    organizational_unit: str | None
    reason: str
    until: date

    def covers(self, account: Account, today: date) -> bool:
        """Say whether the account is exempt by this today."""
        if today > self.until:
            return False
        units = account.organizational_units or ()
        return account.account_id == self.account or self.organizational_unit in units

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form, the one of rootwarden.yaml."""
        target = {"account": self.account} if self.account else {"ou": self.organizational_unit}
        return {**target, "reason": self.reason, "until": self.until.isoformat()}

    @classmethod
    def from_detail(cls, entry: Fields) -> Self:
        """Read the JSON form that functions are configured with; raises MalformedEvent and ValueError."""
        account = entry.optional_text("account")
        return cls(
            account=parse_account_id(account) if account else None,
            organizational_unit=entry.optional_text("ou"),
            reason=entry.text("reason"),
            until=date.fromisoformat(entry.text("until")),
        )


def find_exemption(exemptions: Iterable[Exemption], account: Account, today: date) -> Exemption | None:
    """Return the exemption that covers the account and lasts longest, if any does."""
    covering = [exemption for exemption in exemptions if exemption.covers(account, today)]
    return max(covering, key=lambda exemption: exemption.until, default=None)
