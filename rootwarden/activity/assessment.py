"""From one CloudTrail record to an alert, to one more in a burst, or to nothing: the session is ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from rootwarden.activity.acts import Act, act_of, burst_of, target_of
from rootwarden.activity.bursts import BURST_LENGTH, BurstGrouping, bursts_needed
from rootwarden.activity.classification import (
    ROW_OF,
    actor_kind,
    affected_account,
    classify,
    is_about_roots_credentials,
    session_key,
    was_refused_or_failed,
)
from rootwarden.activity.judgement import (
    SignInHistory,
    as_expected,
    assess,
    by_row,
    expectation_of,
    in_window,
    lateness,
)
from rootwarden.activity.memory import AccountNames, ActivityMemory
from rootwarden.activity.outcomes import ActivityAlert, Actor, Expected, ObservedEvent
from rootwarden.activity.root_activity import ActorKind, Assessment, Finding
from rootwarden.activity.watch import ANOMALY, Watch
from rootwarden.claims import Claims, RetryLater, claimed
from rootwarden.cloudtrail import CloudTrailRecord, acting_service, is_directory_login
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.configured import Expectation
from rootwarden.contract.functions import lease, task_policy_name
from rootwarden.contract.names import NEVER_USED, OURS
from rootwarden.coverage.probes import is_signal
from rootwarden.events import AccountId
from rootwarden.outcomes import Outcome

_LEASE = lease("assess_root_activity")
# Longer than an event may wait in an account's own queue: brought in twice, it alerts once.
_REMEMBERED = timedelta(days=15)
_COLLECTED = (
    "it was brought in from the account's own queue of undelivered events, which its administrators can write"
    " to: look it up in CloudTrail before you act"
)
_USED = "a root session that rootwarden gave up unused is in use; its role may be in other hands"


class ActivityVerdict(StrEnum):
    """What became of a record."""

    ALERTED = "alerted"
    COUNTED = "counted_in_burst"
    OURS = "our_own_session"
    SERVICE = "a_service_for_the_account"
    NO_ROOT_USER = "no_root_user"
    CORRECTION = "a_correction_of_a_reported_event"
    NOTHING = "nothing_to_alert"


@dataclass(frozen=True, kw_only=True)
class ActivityAssessor:
    """Judges root activity. own_roles: our roles that may open root sessions, and for which tasks each."""

    memory: ActivityMemory
    claims: Claims
    names: AccountNames
    bursts: BurstGrouping
    sign_ins: SignInHistory
    publish: Callable[[Outcome], None]
    own_roles: Mapping[str, tuple[str, ...]]
    hub_account_id: AccountId
    management_account_id: AccountId
    clock: Callable[[], datetime]
    expected: tuple[Expectation, ...] = ()
    name_prefix: str = ""

    def assess(
        self, record: CloudTrailRecord, *, attempt: int, is_collected: bool = False
    ) -> ActivityVerdict:
        """Judge one record and publish what follows; raises MalformedEvent, RetryLater and AlreadyDone.

        is_collected: it was brought in from the account's own queue. An administrator of the account may
        have written it: it proves no forwarding, says nothing of a key and nothing of another account, has
        a burst of its own, makes no other record better or worse, and alerts without a command it chose.
        """
        finding = self.finding(record)
        verdict = _needs_no_person(record, finding)
        if verdict:
            return self._evident(record, verdict, is_collected=is_collected)
        activity = (finding and finding.activity) or classify(record, self.hub_account_id)
        key = session_key(record)
        opener = self.memory.session_opener(key) if key else None
        # Before the claim: nearly all records are of our own sessions, and need none.
        is_unused = opener == NEVER_USED and activity is Activity.ROOT_SESSION_OPENED
        if opener == OURS or is_unused or self._is_own_refusal(record, activity):
            return self._evident(record, ActivityVerdict.OURS, is_collected=is_collected)
        with claimed(self.claims, record.deduplication_key, lease=_LEASE, remember=_REMEMBERED):
            verdict = self._assess_foreign(
                record, finding, activity, opener, attempt, is_collected=is_collected
            )
            return self._evident(record, verdict, is_collected=is_collected)

    def finding(self, record: CloudTrailRecord) -> Finding | None:
        """Say what a record shows besides an act of root; None for nothing of the kind."""
        watch = Watch(
            management_account_id=self.management_account_id,
            hub_account_id=self.hub_account_id,
            name_prefix=self.name_prefix,
        )
        return watch.finding(record)

    def _evident(
        self, record: CloudTrailRecord, verdict: ActivityVerdict, *, is_collected: bool
    ) -> ActivityVerdict:
        """Put on record what a record proves of the account's alarm path."""
        if is_collected:
            return verdict
        if verdict is ActivityVerdict.OURS and is_signal(record):
            # When it happened: a record that comes late answers no later probe.
            self.memory.path_worked(record.account_id, record.region, record.time)
        # Sign-In's own alert needs no trail, so it shows nothing of one.
        elif record.identity.is_root and record.event_name != ANOMALY:
            self.memory.root_event_arrived(record.account_id, record.delivered_at)
        return verdict

    def _assess_foreign(
        self,
        record: CloudTrailRecord,
        finding: Finding | None,
        activity: Activity,
        opener: str | None,
        attempt: int,
        *,
        is_collected: bool,
    ) -> ActivityVerdict:
        kind = actor_kind(record, activity, opened_by_assume_root=opener is not None)
        assessment = assess(
            record,
            activity,
            kind,
            found=finding.assessment if finding else None,
            earlier=None if is_collected else partial(self.sign_ins.assess, record, activity),
            management_root=self._is_management_root(record),
        )
        is_opening = activity is Activity.ROOT_SESSION_OPENED
        is_stolen = is_opening and self._is_by_own_role(record, attempt)
        if is_opening and opener is None and not is_collected:
            self._remember_opening(record)
        if is_stolen:
            activity = Activity.OWN_ROLE_STOLEN
            assessment = by_row(record, activity)
        elif opener == NEVER_USED:
            activity = Activity.OWN_ROLE_STOLEN
            assessment = Assessment(Severity.CRITICAL, _USED)
        before = self.memory.reported(record.account_id, record.corrects) if record.corrects else None
        if before and before.rank >= assessment.severity.rank:
            return ActivityVerdict.CORRECTION
        more = (*lateness(record, self.clock()), *_correction(record, before))
        more += (_COLLECTED,) if is_collected else ()
        assessment = replace(assessment, circumstances=(*assessment.circumstances, *more))
        verdict = self._report(record, finding, activity, assessment, kind, is_collected=is_collected)
        if not is_collected:
            self.memory.remember_report(record.account_id, record.event_id, assessment.severity)
        return verdict

    def _report(
        self,
        record: CloudTrailRecord,
        finding: Finding | None,
        activity: Activity,
        assessment: Assessment,
        kind: ActorKind,
        *,
        is_collected: bool,
    ) -> ActivityVerdict:
        affected = self._affected(record, finding, is_collected=is_collected)
        identity = record.identity
        actor = Actor(kind=kind, arn=identity.arn, access_key_id=identity.access_key_id)
        severity = assessment.severity
        reference = burst_of(record, activity, severity, actor, affected, is_collected=is_collected)
        act = act_of(record, activity, severity, affected, finding)
        length = ROW_OF[activity].grouped_for
        recalled = self.memory.recall(affected, bursts_needed(reference, act))
        assessment = in_window(record, assessment, recalled.window)
        expectation = expectation_of(record, self.expected, self.clock().date())
        assessment = as_expected(assessment, expectation)
        act = _graded(act, assessment.severity)
        if not self.bursts.alerts(reference, act, length=length or BURST_LENGTH, known=recalled.bursts):
            return ActivityVerdict.COUNTED
        alert = ActivityAlert(
            account=recalled.account or self.names.asked(affected),
            activity=activity,
            severity=assessment.severity,
            severity_reason=assessment.reason,
            circumstances=assessment.circumstances,
            attempted=was_refused_or_failed(record),
            management_root=self._is_management_root(record),
            management_account=affected == self.management_account_id,
            actor=actor,
            event=ObservedEvent.of(record),
            recovery_window=recalled.window,
            expected=Expected.of(expectation) if expectation else None,
            occurred_at=self.clock(),
            target=target_of(record, activity, finding),
            # What it names, whoever wrote it chose.
            put_back=finding.put_back if finding and not is_collected else None,
            collected=is_collected,
        )
        self.publish(alert)
        return ActivityVerdict.ALERTED

    def _affected(
        self, record: CloudTrailRecord, finding: Finding | None, *, is_collected: bool
    ) -> AccountId:
        """Return the account a record is about; what a member put into its own queue is about itself."""
        trusted = {self.hub_account_id, self.management_account_id}
        if is_collected and record.account_id not in trusted:
            return record.account_id
        return (finding and finding.account_id) or affected_account(record)

    def _is_management_root(self, record: CloudTrailRecord) -> bool:
        return record.identity.is_root and record.account_id == self.management_account_id

    def _is_own_refusal(self, record: CloudTrailRecord, activity: Activity) -> bool:
        if activity is not Activity.ROOT_SESSION_REFUSED:
            return False
        # Each function asks for its own tasks only; somebody with its credentials might try others.
        policy = record.detail.optional_text("requestParameters", "taskPolicyArn", "arn") or ""
        own_tasks = self.own_roles.get(record.identity.role_arn or "", ())
        return policy.endswith(tuple(f"/{task_policy_name(task)}" for task in own_tasks))

    def _is_by_own_role(self, record: CloudTrailRecord, attempt: int) -> bool:
        """Say whether our role opened a root session that is not ours by its record.

        CloudTrail logs it in the role's own account, the hub: a record of another account is no proof.
        """
        ours = record.account_id == self.hub_account_id and record.identity.role_arn in self.own_roles
        if ours and attempt == 1:
            raise RetryLater("our role opened this root session; its record may still arrive")
        return ours

    def _remember_opening(self, record: CloudTrailRecord) -> None:
        """Put on record whose a root session is: of the register's own words a record can say none."""
        key, arn = session_key(record), record.identity.arn or ""
        if key:
            self.memory.remember_session(key, arn if arn.startswith("arn:") else "an unknown principal")


def _needs_no_person(record: CloudTrailRecord, finding: Finding | None) -> ActivityVerdict | None:
    if finding:
        return None if finding.activity else ActivityVerdict.NOTHING
    if is_directory_login(record.detail):
        return ActivityVerdict.NO_ROOT_USER
    is_of_a_service = record.identity.is_root and acting_service(record.detail) is not None
    is_lesser = is_of_a_service and not is_about_roots_credentials(record)
    return ActivityVerdict.SERVICE if is_lesser else None


def _graded(act: Act, severity: Severity) -> Act:
    """Return the act under its final severity: what was expected counts nothing that nobody expects."""
    if severity is act.severity:
        return act
    kind = f"{act.kind}#{severity}" if act.kind else act.kind
    return replace(act, name=f"{act.name}#{severity}", kind=kind, severity=severity)


def _correction(record: CloudTrailRecord, before: Severity | None) -> tuple[str, ...]:
    known = f"that was reported as {before}" if before else "that rootwarden has no report of"
    return (f"AWS corrects by this a record {known}",) if record.corrects else ()
