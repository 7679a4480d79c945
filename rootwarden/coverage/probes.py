"""Probes: a sweep's own calls in each account and Region; their records prove that events arrive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from zlib import crc32

from msgspec.structs import replace

from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.events import AccountId, Record
from rootwarden.outcomes import Time
from rootwarden.refusals import CallRefused

WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_HOURS = WEEK // _HOUR
# A hanging endpoint takes at most a third of this; the audit's own time comes first.
_SECONDS_TO_PROBE = 15.0
OUT_OF_TIME, NO_ANSWER = "OutOfTime", "NoAnswer"
# What a sweep's root session calls: IAM's summary in the audit, and STS in every other Region.
_PROBES = frozenset({("iam.amazonaws.com", "GetAccountSummary"), ("sts.amazonaws.com", "GetCallerIdentity")})


class Probe(Record, frozen=True, kw_only=True):
    """One probe. code: why it was not made, AWS's own or ours; then no record of it can arrive."""

    region: str
    at: Time
    code: str | None = None
    message: str | None = None


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


class ProbedSession(Protocol):
    """A root session that can say who it is in any Region; raises CallRefused where AWS refuses."""

    def identify(self, region: str) -> None:
        """Call GetCallerIdentity at a Region's own endpoint."""


S = TypeVar("S", bound=ProbedSession)


@dataclass(frozen=True, kw_only=True)
class Prober(Generic[S]):
    """Probes the accounts of one batch. unforeseen: takes errors that AWS did not answer with."""

    plan: ProbePlan
    time_left: Callable[[], float]
    clock: Callable[[], datetime]
    unforeseen: Callable[[Exception], None]
    # Regions whose endpoint gave no answer: no other account of the batch waits for it.
    _mute: set[str] = field(default_factory=set, init=False, repr=False)

    def __call__(self, account_id: AccountId, session: S) -> tuple[Probe, ...]:
        """Probe the account's Regions, with the session its audit opened anyway; raises nothing."""
        regions = self.plan.regions_of(account_id, self.clock())
        return tuple(self._probe(region, session) for region in regions)

    def _probe(self, region: str, session: S) -> Probe:
        probe = Probe(region=region, at=self.clock())
        if region in self._mute:
            return replace(probe, code=NO_ANSWER, message="the Region's STS gave no answer before")
        if self.time_left() < _SECONDS_TO_PROBE:
            return replace(probe, code=OUT_OF_TIME, message="no time was left for this Region")
        try:
            session.identify(region)
        except CallRefused as refused:
            if refused.is_transient:
                self._mute.add(region)
            return replace(probe, code=refused.code, message=refused.message)
        except Exception as error:  # noqa: BLE001 - a probe never makes an audit fail
            self._mute.add(region)
            self.unforeseen(error)
            return replace(probe, code=NO_ANSWER, message=f"{type(error).__name__}: {error}")
        return probe


def is_signal(record: CloudTrailRecord) -> bool:
    """Say whether a record of our own proves the path from the account and Region that logged it.

    The account that opens the sessions is proven by AssumeRoot: its own record of it, in its Region.
    """
    if record.event_name == "AssumeRoot":
        return record.error_code is None
    return record.identity.is_root and (record.event_source, record.event_name) in _PROBES
