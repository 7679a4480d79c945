"""What the configuration says of accounts and calls: modes, exemptions, expectations."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from rootwarden.accounts import Account
from rootwarden.events import Fields, Record, TwelveDigits

_Text = Annotated[str, Meta(min_length=1)]


class Mode(StrEnum):
    """What becomes of root credentials that are found: they are only reported, or removed."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


def as_said_now(fields: Fields) -> Fields:
    """Return what names a sweep's mode, with the word that 0.1 had for `observe` replaced.

    0.1 may have left it on queues and in sweeps under way.
    """
    if isinstance(fields.value, Mapping) and fields.value.get("mode") == "audit":
        return Fields({**fields.value, "mode": Mode.OBSERVE.value}, fields.path)
    return fields


class Origin(StrEnum):
    """How an account came into the organization; existing: it was there before."""

    CREATED = "created"
    INVITED = "invited"
    EXISTING = "existing"


class HardeningModes(Record, frozen=True, kw_only=True):
    """What events about accounts of each origin lead to."""

    created: Mode = Mode.ENFORCE
    invited: Mode = Mode.ENFORCE
    existing: Mode = Mode.OBSERVE

    def of(self, origin: Origin) -> Mode:
        """Return the mode of accounts of this origin."""
        mode: Mode = getattr(self, origin)
        return mode

    @property
    def may_enforce(self) -> bool:
        """Whether any account is hardened; else no function behind events may remove anything."""
        return any(self.of(origin) is Mode.ENFORCE for origin in Origin)


class Exemption(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An account that is left alone, or every account below one unit; until: the last exempt day, in UTC."""

    account: TwelveDigits | None = None
    organizational_unit: str | None = field(name="ou", default=None)
    reason: _Text
    until: date

    def covers(self, account: Account, today: date) -> bool:
        """Say whether the account is exempt by this today."""
        if today > self.until:
            return False
        units = account.organizational_units or ()
        return account.account_id == self.account or self.organizational_unit in units


def find_exemption(exemptions: Iterable[Exemption], account: Account, today: date) -> Exemption | None:
    """Return the exemption that covers the account and lasts longest, if any does."""
    covering = [exemption for exemption in exemptions if exemption.covers(account, today)]
    return max(covering, key=lambda exemption: exemption.until, default=None)


class Expectation(Record, frozen=True, kw_only=True):
    """Calls that are meant to happen, and alert more quietly.

    principal: an ARN; calls: such as `sts:AssumeRoot`; until: the last day, in UTC.
    """

    principal: _Text
    calls: Annotated[tuple[str, ...], Meta(min_length=1)]
    reason: _Text
    until: date

    def has_ended(self, today: date) -> bool:
        """Say whether its last day, in UTC, is over."""
        return today > self.until
