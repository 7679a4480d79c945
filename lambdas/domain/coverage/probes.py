"""The calls by which a sweep's root session proves the alarm path of its account, Region by Region."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from zlib import crc32

from lambdas.domain.accounts import AccountId
from lambdas.domain.event_fields import Fields
from lambdas.domain.outcomes import iso

WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_HOURS = WEEK // _HOUR


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One probe. code: why it was not made, AWS's own or ours; then no record of it can arrive."""

    region: str
    at: datetime
    code: str | None = None
    message: str | None = None

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"region": self.region, "at": iso(self.at), "code": self.code, "message": self.message}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            region=fields.text("region"),
            at=fields.time("at"),
            code=fields.optional_text("code"),
            message=fields.optional_text("message"),
        )


@dataclass(frozen=True, kw_only=True)
class ProbePlan:
    """Which Regions a sweep probes in an account.

    within: an account's turn comes once a week, at an hour that follows from its id; this sweep takes the
    accounts whose turn came in the time before it. again: Regions whose last probe was not heard.
    """

    regions: tuple[str, ...]
    within: timedelta
    again: Mapping[AccountId, tuple[str, ...]]

    def regions_of(self, account_id: AccountId, at: datetime) -> tuple[str, ...]:
        """Return the Regions to probe in an account now."""
        if self._is_turn(account_id, at):
            return self.regions
        silent = self.again.get(account_id, ())
        return tuple(region for region in self.regions if region in silent)

    def _is_turn(self, account_id: AccountId, at: datetime) -> bool:
        hour = timedelta(seconds=at.timestamp()) - _HOUR * (crc32(account_id.encode()) % _HOURS)
        return hour % WEEK < self.within
