"""Probes: a sweep's own calls in each account and Region; their records prove that events arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, Self
from zlib import crc32

from rootwarden.accounts import AccountId
from rootwarden.event_fields import Fields
from rootwarden.events import CloudTrailRecord
from rootwarden.outcomes import iso

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


# What a sweep's root session calls: IAM's summary in the audit, and STS in every other Region.
_PROBES = frozenset({("iam.amazonaws.com", "GetAccountSummary"), ("sts.amazonaws.com", "GetCallerIdentity")})


class PathMemory(Protocol):
    """Where it is kept when each account's alarm path last worked."""

    def worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Keep that a record of this time arrived from an account's Region."""


def is_signal(record: CloudTrailRecord) -> bool:
    """Say whether a record of our own proves the path from the account and Region that logged it.

    The account that opens the sessions is proven by AssumeRoot: its own record of it, in its Region.
    """
    if record.event_name == "AssumeRoot":
        return record.error_code is None
    return record.identity.is_root and (record.event_source, record.event_name) in _PROBES
