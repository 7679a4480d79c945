"""From one CloudTrail record to an alert, to one more in a burst, or to nothing: the session is ours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from typing import Protocol

from rootwarden.accounts import AccountId
from rootwarden.activity.bursts import BURST_LENGTH, BurstGrouping, act_of, burst_of
from rootwarden.activity.classification import ROW_OF, actor_kind, classify, failed
from rootwarden.activity.judgement import SignInHistory, assess, lateness
from rootwarden.activity.outcomes import ActivityAlert, Actor, ObservedEvent
from rootwarden.activity.root_activity import Activity, ActorKind, Assessment, Finding, Severity
from rootwarden.activity.watch import Watch
from rootwarden.claims import Claims, RetryLater, claimed
from rootwarden.events import CloudTrailRecord, acting_service, is_directory_login
from rootwarden.hardening.account_hardening import Organization
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.recovery.windows import RecoveryWindow

OURS = "rootwarden"
_LEASE = timedelta(seconds=60)
# Longer than an event may wait in an account's own queue: brought in twice, it alerts once.
_REMEMBERED = timedelta(days=15)
_STOLEN = "rootwarden's own role opened a root session outside its function; it may be in other hands"
_ROOT_ARN = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root")


class ActivityVerdict(StrEnum):
    """What became of a record."""

    ALERTED = "alerted"
    COUNTED = "counted_in_burst"
    OURS = "our_own_session"
    SERVICE = "a_service_for_the_account"
    NO_ROOT_USER = "no_root_user"
    CORRECTION = "a_correction_of_a_reported_event"
    NOTHING = "nothing_to_alert"


class ActivityMemory(Protocol):
    """What is remembered across records."""

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this key: OURS, another's ARN, or None when unknown."""

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None when it was not reported, or long ago."""

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported, and how bad it was said to be."""


@dataclass(frozen=True, kw_only=True)
class ActivityAssessor:
    """Judges root activity. own_roles: our roles that may open root sessions, and for which tasks each."""

    memory: ActivityMemory
    claims: Claims
    organization: Organization
    bursts: BurstGrouping
    sign_ins: SignInHistory
    publish: Callable[[Outcome], None]
    own_roles: Mapping[str, tuple[str, ...]]
    hub_account_id: AccountId
    management_account_id: AccountId
    clock: Callable[[], datetime]

    def assess(self, record: CloudTrailRecord, *, attempt: int) -> ActivityVerdict:
        """Judge one record and publish what follows; raises MalformedEvent, RetryLater and AlreadyDone."""
        finding = self.finding(record)
        if finding and finding.activity is None:
            return ActivityVerdict.NOTHING
        if finding is None and is_directory_login(record.detail):
            return ActivityVerdict.NO_ROOT_USER
        if finding is None and record.identity.is_root and acting_service(record.detail):
            return ActivityVerdict.SERVICE
        activity = (finding and finding.activity) or classify(record, self.hub_account_id)
        key = _session_key(record)
        opener = self.memory.session_opener(key) if key else None
        # Before the claim: nearly all records are of our own sessions, and need none.
        if opener == OURS or self._is_own_refusal(record, activity):
            return ActivityVerdict.OURS
        with claimed(self.claims, record.deduplication_key, lease=_LEASE, remember=_REMEMBERED):
            return self._assess_foreign(record, activity, opener, attempt)

    def finding(self, record: CloudTrailRecord) -> Finding | None:
        """Say what a record shows besides an act of root; None for nothing of the kind."""
        watch = Watch(management_account_id=self.management_account_id, hub_account_id=self.hub_account_id)
        return watch.finding(record)

    def _assess_foreign(
        self, record: CloudTrailRecord, activity: Activity, opener: str | None, attempt: int
    ) -> ActivityVerdict:
        finding = self.finding(record)
        kind = actor_kind(record, activity, opened_by_assume_root=opener is not None)
        assessment = assess(
            record,
            activity,
            kind,
            found=finding.assessment if finding else None,
            earlier=partial(self.sign_ins.assess, record, activity),
            management_root=self._is_management_root(record),
        )
        if activity is Activity.ROOT_SESSION_OPENED:
            assessment = self._assess_opening(record, assessment, opener, attempt)
        before = self._reported_before(record)
        if before and before.rank >= assessment.severity.rank:
            return ActivityVerdict.CORRECTION
        more = (*lateness(record, self.clock()), *_correction(record, before))
        assessment = replace(assessment, circumstances=(*assessment.circumstances, *more))
        verdict = self._report(record, activity, assessment, kind)
        self.memory.remember_report(record.account_id, record.event_id, assessment.severity)
        return verdict

    def _report(
        self, record: CloudTrailRecord, activity: Activity, assessment: Assessment, kind: ActorKind
    ) -> ActivityVerdict:
        identity = record.identity
        actor = Actor(kind=kind, arn=identity.arn, access_key_id=identity.access_key_id)
        # Asked once for a record, also where Organizations does not answer: each try takes an alert's time.
        account_of = cache(self._account)
        reference = burst_of(record, activity, actor, self._affected(record), account_of)
        act, length = (
            act_of(record, activity, assessment.severity),
            ROW_OF[activity].grouped_for or BURST_LENGTH,
        )
        if not self.bursts.alerts(reference, act, length=length):
            return ActivityVerdict.COUNTED
        self._alert(record, activity, assessment, actor, account_of)
        return ActivityVerdict.ALERTED

    def _affected(self, record: CloudTrailRecord) -> AccountId:
        finding = self.finding(record)
        return (finding and finding.account_id) or _affected_account(record)

    def _is_management_root(self, record: CloudTrailRecord) -> bool:
        return record.identity.is_root and record.account_id == self.management_account_id

    def _reported_before(self, record: CloudTrailRecord) -> Severity | None:
        return self.memory.reported(record.account_id, record.corrects) if record.corrects else None

    def _is_own_refusal(self, record: CloudTrailRecord, activity: Activity) -> bool:
        if activity is not Activity.ROOT_SESSION_REFUSED:
            return False
        # Each function asks for its own tasks only; somebody with its credentials might try others.
        policy = record.detail.optional_text("requestParameters", "taskPolicyArn", "arn") or ""
        own_tasks = self.own_roles.get(record.identity.role_arn or "", ())
        return policy.endswith(tuple(f"/root-task/{task}" for task in own_tasks))

    def _assess_opening(
        self, record: CloudTrailRecord, assessment: Assessment, opener: str | None, attempt: int
    ) -> Assessment:
        ours = record.identity.role_arn in self.own_roles
        if ours and attempt == 1:
            raise RetryLater("our role opened this root session; its record may still arrive")
        key = _session_key(record)
        if key and opener is None:
            self.memory.remember_session(key, record.identity.arn or "an unknown principal")
        return Assessment(Severity.CRITICAL, _STOLEN) if ours else assessment

    def _alert(
        self,
        record: CloudTrailRecord,
        activity: Activity,
        assessment: Assessment,
        actor: Actor,
        account_of: Callable[[AccountId], AccountReference],
    ) -> None:
        account_id, finding = self._affected(record), self.finding(record)
        window = self.memory.recovery_window(account_id)
        alert = ActivityAlert(
            account=account_of(account_id),
            activity=activity,
            assessment=assessment,
            attempted=failed(record),
            management_root=self._is_management_root(record),
            actor=actor,
            event=ObservedEvent.of(record),
            recovery_window=window,
            occurred_at=self.clock(),
            target=finding.target if finding else None,
            put_back=finding.put_back if finding else None,
        )
        self.publish(alert)

    def _account(self, account_id: AccountId) -> AccountReference:
        try:
            account = self.organization.describe(account_id)
        except CallRefused:
            # An alert without the account's name is worth more than no alert.
            account = None
        if account is None:
            return AccountReference(account_id=account_id)
        return AccountReference(
            account_id=account_id,
            name=account.name,
            organizational_unit=account.organizational_unit,
        )


def _correction(record: CloudTrailRecord, before: Severity | None) -> tuple[str, ...]:
    """Say that a record corrects another one; empty where it does not."""
    if record.corrects is None:
        return ()
    known = f"that was reported as {before}" if before else "that rootwarden has not seen"
    return (f"AWS corrects by this a record {known}",)


def _session_key(record: CloudTrailRecord) -> str | None:
    """Return the access key of the root session a record is about: the one opened, or the one used."""
    if record.event_name == "AssumeRoot":
        return record.detail.optional_text("responseElements", "credentials", "accessKeyId")
    return record.identity.access_key_id if record.identity.is_root else None


def _affected_account(record: CloudTrailRecord) -> AccountId:
    """Return the account an AssumeRoot call reached for; else the one where the record was logged."""
    target = record.detail.optional_text("requestParameters", "targetPrincipal") or ""
    by_arn = _ROOT_ARN.fullmatch(target)
    account_id = by_arn[1] if by_arn else target
    if record.event_name == "AssumeRoot" and re.fullmatch(r"[0-9]{12}", account_id):
        return AccountId(account_id)
    return record.account_id
