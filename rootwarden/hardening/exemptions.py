"""Exemptions: accounts that are left alone, with a reason and an end."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from rootwarden.accounts import Account, AccountId, parse_account_id
from rootwarden.event_fields import Fields, MalformedEvent

_PLACES = ("serviceEventDetails", "requestParameters", "responseElements", "additionalEventData")
# Organizations also writes arn:aws:organizations::111122223333:account/o-aa111bb222/444455556666.
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:organizations::[0-9]{12}:account/o-[a-z0-9]+/)?([0-9]{12})")
# A linked account in GovCloud is in another partition, and never in this organization.
_NOT_OURS = "govCloudAccountId"


def only_account_id(detail: Fields, management: AccountId) -> AccountId:
    """Return the one account an event names, under any key and at any depth; raises MalformedEvent.

    The management account counts only where it alone is named, as `accountId`: it also joins the
    organization that it creates. Numbers do not count: they would have lost their leading zeros.
    """
    for place in _PLACES:
        fields = detail.optional_object(place)
        named = set(_named_in(fields.value)) if fields else set()
        found = {account for _, account in named} - {management}
        if len(found) == 1:
            return AccountId(found.pop())
        if found:
            raise MalformedEvent(f"detail.{place}", "one account id", ", ".join(sorted(found)))
        if ("accountId", management) in named:
            return management
    raise MalformedEvent(f"detail.{_PLACES[0]}.accountId", "an account id", None)


def _named_in(value: object) -> Iterator[tuple[str, str]]:
    left: list[tuple[str, object]] = [("", value)]
    while left:
        key, found = left.pop()
        if isinstance(found, Mapping):
            left += [(name, inner) for name, inner in found.items() if name != _NOT_OURS]
        elif isinstance(found, list):
            left += [(key, inner) for inner in found]
        elif isinstance(found, str) and (match := _ACCOUNT.fullmatch(found)):
            yield key, match[1]


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
