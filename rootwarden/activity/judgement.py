"""How bad a root activity is, and why: its row of the table, and what makes it worse or better."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from rootwarden.activity.classification import ending, iam_user, mfa_used, text_of, was_refused_or_failed
from rootwarden.activity.root_activity import ActorKind, Assessment
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.configured import Expectation
from rootwarden.contract.functions import RECOVER, task_policy_name
from rootwarden.events import AccountId
from rootwarden.recovery.windows import RecoveryWindow

_CREATE_PASSWORD_POLICY = f"/{task_policy_name(RECOVER)}".lower()
_MANAGEMENT_ROOT = (
    "this is the management account's root user: the one root user that no root session reaches, no policy"
    " binds and rootwarden cannot remove"
)
_NOT_OURS = "it was done in a root session that rootwarden did not open"
_ANY_CALL = frozenset({Activity.API_CALL, Activity.CONSOLE_ACTION, Activity.PROTECTION_CHANGED})
_KEYS = {
    ActorKind.LONG_TERM_KEY: "a root access key exists and is in use",
    ActorKind.FEDERATED_SESSION: "a root access key exists, and a session that it handed out is in use",
    ActorKind.TEMPORARY_SESSION: (
        "a session of root is in use that shows no sign-in: a root access key may have handed it out"
    ),
}
LATE = timedelta(days=1)
# What a recovery window is opened for. A sign-in in it is judged as ever.
_RECOVERIES = frozenset({"PasswordRecoveryRequested", "PasswordRecoveryCompleted"})
_LATE_BY_ITS_WORD = frozenset({"DELIVERY_DELAY", "SERVICE_OUTAGE"})
# All in seconds of the events' own times, so that what arrives late counts where it belongs.
_MINUTES_OF_A_SERIES = 10
_SERIES = _MINUTES_OF_A_SERIES * 60
_BEFORE_A_SUCCESS = 3600
_MANY = 5
# What a policy stopped was tried all the same.
FAILED_SIGN_INS = frozenset({Activity.SIGN_IN_FAILED, Activity.SIGN_IN_DENIED})
# The memory is bounded: from here on there may have been more than are remembered.
AT_LEAST = 80


def assess(
    record: CloudTrailRecord,
    activity: Activity,
    actor: ActorKind,
    *,
    found: Assessment | None = None,
    earlier: Callable[[Assessment], Assessment] | None = None,
    management_root: bool = False,
) -> Assessment:
    """Give an activity its severity and the reason.

    found: what the watch says of it, in place of the row. earlier: makes it worse by what came before.
    management_root: root of the management account acted.
    """
    found = found or _by_what_was_done(record, activity, actor)
    found = earlier(found) if earlier else found
    if actor in _KEYS:
        found = _with_key(record, activity, actor, found)
    if actor is ActorKind.ROOT_SESSION and activity not in _ANY_CALL:
        found = replace(found, circumstances=(*found.circumstances, _NOT_OURS))
    if management_root:
        more = (*found.circumstances, _MANAGEMENT_ROOT)
        found = Assessment(found.severity.one_step_worse, found.reason, more)
    return found


def _by_what_was_done(record: CloudTrailRecord, activity: Activity, actor: ActorKind) -> Assessment:
    if activity is Activity.SIGN_IN_SUCCEEDED and mfa_used(record) is not True:
        how = "without MFA" if mfa_used(record) is False else "and the record does not say whether with MFA"
        return Assessment(Severity.CRITICAL, f"the root user signed in to the console {how}")
    if activity is Activity.ROOT_SESSION_OPENED:
        policy = record.detail.optional_text("requestParameters", "taskPolicyArn", "arn") or ""
        if policy.lower().endswith(_CREATE_PASSWORD_POLICY):
            reason = "a principal other than rootwarden opened a root session that can set a password"
            return Assessment(Severity.CRITICAL, reason)
    if activity is Activity.PROTECTION_CHANGED and record.identity.is_root:
        return _any_call(record, Activity.API_CALL, actor)
    if activity in _ANY_CALL:
        return _any_call(record, activity, actor)
    return by_row(record, activity)


def by_row(record: CloudTrailRecord, activity: Activity) -> Assessment:
    """Return what an activity's row says of a record."""
    text = text_of(activity, attempted=was_refused_or_failed(record))
    return Assessment(text.severity, text.reason.format(user=iam_user(record), ending=ending(record)))


def _any_call(record: CloudTrailRecord, activity: Activity, actor: ActorKind) -> Assessment:
    if not was_refused_or_failed(record) and record.identity.is_root:
        if record.read_only:
            return Assessment(Severity.MEDIUM, "the root user looked at something")
        if actor is ActorKind.ROOT_SESSION:
            reason = "a root session that rootwarden did not open changed something"
            return Assessment(Severity.HIGH, reason)
    return by_row(record, activity)


def _with_key(
    record: CloudTrailRecord, activity: Activity, actor: ActorKind, found: Assessment
) -> Assessment:
    """Return the worse of what was done and of the key's mere existence."""
    existing = _KEYS[actor]
    severity = Severity.HIGH if record.read_only else Severity.CRITICAL
    worse = severity if severity.rank > found.severity.rank else found.severity
    if activity not in _ANY_CALL:
        return replace(found, severity=worse, circumstances=(*found.circumstances, existing))
    return Assessment(worse, f"{existing}; {ending(record)}" if was_refused_or_failed(record) else existing)


def in_window(record: CloudTrailRecord, found: Assessment, window: RecoveryWindow | None) -> Assessment:
    """Return a recovery's assessment as medium where it happened in a recovery window, and whose that is."""
    if window is None or record.event_name not in _RECOVERIES:
        return found
    if isinstance(window.opened_at, datetime) and record.time < window.opened_at:
        return found
    severity = min(found.severity, Severity.MEDIUM, key=lambda each: each.rank)
    more = (*found.circumstances, f"it happened in the recovery window that {window.whose}")
    return replace(found, severity=severity, circumstances=more)


def expectation_of(
    record: CloudTrailRecord, expected: Iterable[Expectation], today: date
) -> Expectation | None:
    """Return the expectation that covers a call, if any does."""
    return next((each for each in expectations_naming(record, expected) if not each.has_ended(today)), None)


def expectations_naming(record: CloudTrailRecord, expected: Iterable[Expectation]) -> Iterator[Expectation]:
    """Return the expectations that name a call and who made it, those that ended as well."""
    principals = (record.identity.arn, record.identity.role_arn)
    call = f"{record.event_source.removesuffix('.amazonaws.com')}:{record.event_name}"
    return (each for each in expected if call in each.calls and each.principal in principals)


def as_expected(found: Assessment, expectation: Expectation | None) -> Assessment:
    """Return an assessment as low where an expectation covers it. What is critical stays critical."""
    if expectation is None:
        return found
    if found.severity is Severity.CRITICAL:
        more = "the configuration expects this call, but what is critical is never expected away"
        return replace(found, circumstances=(*found.circumstances, more))
    more = f"it is expected until {expectation.until}: {expectation.reason}"
    severity = min(found.severity, Severity.LOW, key=lambda each: each.rank)
    return replace(found, severity=severity, circumstances=(*found.circumstances, more))


def age(length: timedelta) -> str:
    """Return a length of time in its largest whole unit."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def lateness(record: CloudTrailRecord, now: datetime) -> tuple[str, ...]:
    """Say that a record came late, with both times and the age; empty where it did not."""
    happened, delivered = record.time, record.delivered_at
    if record.addendum_reason in _LATE_BY_ITS_WORD or delivered - happened >= LATE:
        why = f" ({record.addendum_reason})" if record.addendum_reason in _LATE_BY_ITS_WORD else ""
        arrival = f"AWS delivered the event at {_time(delivered)}, {age(delivered - happened)} later{why}"
        return (f"it happened at {_time(happened)}, and {arrival}",)
    if now - happened >= LATE:
        waited = f"it is reported at {_time(now)}, {age(now - happened)} later"
        return (f"it happened at {_time(happened)}, and {waited}",)
    return ()


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


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
