"""Failed root sign-ins add up: many at once are an attack, and so is a success after them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from rootwarden.accounts import AccountId
from rootwarden.activity.root_activity import Activity, Assessment, Severity
from rootwarden.events import CloudTrailRecord

# All in seconds of the events' own times, so that what arrives late counts where it belongs.
_MINUTES_OF_A_SERIES = 10
_SERIES = _MINUTES_OF_A_SERIES * 60
_BEFORE_A_SUCCESS = 3600
_MANY = 5
# What a policy stopped was tried all the same.
FAILED_SIGN_INS = frozenset({Activity.SIGN_IN_FAILED, Activity.SIGN_IN_DENIED})
# The memory is bounded: from here on there may have been more than are remembered.
AT_LEAST = 80


@dataclass(frozen=True, order=True)
class SignIn:
    """One sign-in as root. at: epoch seconds. event: what makes it one and the same."""

    at: int
    event: str
    succeeded: bool


class SignInMemory(Protocol):
    """Remembers an account's sign-ins as root, at least the last AT_LEAST."""

    def add(self, account_id: AccountId, sign_in: SignIn) -> frozenset[SignIn]:
        """Remember one, once, and return it with those remembered before."""


@dataclass(frozen=True)
class SignInHistory:
    """Judges a sign-in by those before it."""

    memory: SignInMemory

    def assess(self, record: CloudTrailRecord, activity: Activity, alone: Assessment) -> Assessment:
        """Return the assessment of a record, worse than `alone` where earlier sign-ins make it so."""
        if activity not in FAILED_SIGN_INS | {Activity.SIGN_IN_SUCCEEDED}:
            return alone
        sign_in = SignIn(
            at=int(record.time.timestamp()),
            event=_event(record),
            succeeded=activity is Activity.SIGN_IN_SUCCEEDED,
        )
        known = self.memory.add(record.account_id, sign_in) | {sign_in}
        worse = _success(sign_in, known, alone) if sign_in.succeeded else _failure(sign_in, known)
        if worse is None:
            return alone
        severity = max(worse.severity, alone.severity, key=lambda one: one.rank)
        return replace(alone, severity=severity, reason=worse.reason)


def _event(record: CloudTrailRecord) -> str:
    # A correction is about a sign-in that counts already.
    corrected = replace(record, event_id=record.corrects or record.event_id)
    return sha256(corrected.deduplication_key.encode()).hexdigest()[:16]


def _success(success: SignIn, known: frozenset[SignIn], alone: Assessment) -> Assessment | None:
    before = _failures_before(success, known)
    if not before:
        return None
    return Assessment(Severity.CRITICAL, f"{alone.reason}, after {_attempts(before)} within the hour before")


def _failure(failure: SignIn, known: frozenset[SignIn]) -> Assessment | None:
    for success in sorted(one for one in known if one.succeeded):
        if failure.at <= success.at <= failure.at + _BEFORE_A_SUCCESS:
            attempts = _attempts(_failures_before(success, known))
            reason = f"{attempts} came before a sign-in as root that succeeded; this event arrived late"
            return Assessment(Severity.CRITICAL, reason)
    count = _most_around(failure.at, (one.at for one in known if not one.succeeded))
    if count < _MANY:
        return None
    reason = f"{_counted(count)} sign-ins as root failed within {_MINUTES_OF_A_SERIES} minutes"
    return Assessment(Severity.HIGH, reason)


def _failures_before(success: SignIn, known: frozenset[SignIn]) -> int:
    return sum(success.at - _BEFORE_A_SUCCESS <= one.at <= success.at for one in known if not one.succeeded)


def _most_around(at: int, times: Iterable[int]) -> int:
    """Return how many fall into the fullest series that holds `at`."""
    near = [time for time in times if abs(time - at) <= _SERIES]
    begins = [time for time in near if time <= at]
    return max(sum(begin <= time <= begin + _SERIES for time in near) for begin in begins)


def _attempts(count: int) -> str:
    return f"{_counted(count)} failed attempt{'' if count == 1 else 's'}"


def _counted(count: int) -> str:
    return f"at least {count}" if count >= AT_LEAST else str(count)
