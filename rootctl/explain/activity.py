"""What assess_root_activity would do: its own assessor, which remembers and publishes nothing here."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from rootctl.explain.explanation import Explanation, Judged, judged_as_expected, title
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker
from rootwarden.accounts import Account
from rootwarden.activity.acts import BurstReference
from rootwarden.activity.assessment import ActivityAssessor, ActivityVerdict
from rootwarden.activity.bursts import Burst, BurstGrouping
from rootwarden.activity.judgement import SignIn, SignInHistory
from rootwarden.activity.memory import AccountNames, Recalled
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.watch import names_protecting_policy, read_record
from rootwarden.activity.watched_resources import names_watched_resource
from rootwarden.aws.bursts_table import read_reminder
from rootwarden.aws.state_table import KeyKind
from rootwarden.claims import AlreadyDone, Claim, ClaimState
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Expectation
from rootwarden.contract.detail_types import SOURCE
from rootwarden.events import AccountId, Envelope
from rootwarden.outcomes import AccountReference, Outcome, SessionsNotRecorded, utc_now

_FUNCTION = Taker.ASSESS_ROOT_ACTIVITY.value
# The first attempt only waits a moment for the record of a session of ours; the second decides.
_DECIDING_ATTEMPT = 2
_SILENT = {
    ActivityVerdict.OURS: "the root session, or the refused attempt at one, is rootwarden's own",
    ActivityVerdict.SERVICE: "a service made the call for the account; no person acted as root",
    ActivityVerdict.NO_ROOT_USER: "it is a federated log-in without root's ARN; no root user took part",
    ActivityVerdict.CORRECTION: "AWS corrects an event that was reported, and it is no worse than reported",
}
_BY_HUB = ("AssumeRoot", "RegisterDelegatedAdministrator")


@dataclass(frozen=True)
class _KnownWorld:
    """Everything the assessor sees, read from what is known; it writes nothing but what is published."""

    knowledge: Knowledge
    published: list[Outcome] = field(default_factory=list)

    def session_opener(self, access_key_id: str) -> str | None:
        return self.knowledge.session_opener(access_key_id)

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Nothing is put on record."""

    def recall(self, account_id: AccountId, _bursts: Collection[str]) -> Recalled:
        # Bursts are asked for one by one, as they matter.
        return Recalled(window=self.knowledge.recovery_window(account_id), account=None, bursts={})

    def account(self, _account_id: AccountId) -> AccountReference | None:
        return None

    def remember_account(self, _account_id: AccountId, _account: AccountReference) -> None:
        """Nothing is put on record."""

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        return self.knowledge.reported(account_id, event_id)

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Nothing is put on record."""

    def root_event_arrived(self, _account_id: AccountId, _at: datetime) -> None:
        """Nothing is put on record."""

    def path_worked(self, _account_id: AccountId, _region: str, _at: datetime) -> None:
        """Nothing is put on record."""

    def describe(self, account_id: AccountId) -> Account | None:
        return self.knowledge.named(account_id)

    def begin(self, key: str, *, lease: timedelta) -> Claim:  # noqa: ARG002 - the protocol's order
        return Claim(ClaimState.DONE if self.knowledge.is_done(KeyKind.EVENT, key) else ClaimState.OURS)

    def note(self, key: str, note: str) -> None:
        """Nothing is claimed."""

    def release(self, key: str) -> None:
        """Nothing is claimed."""

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Nothing is claimed."""

    def load(self, key: str) -> Burst | None:
        return self.knowledge.burst(key)

    def open(self, _key: str, _burst: Burst, *, instead_of: Burst | None) -> bool:  # noqa: ARG002 - the protocol's order
        return True

    def count(self, _key: str, _burst: Burst) -> bool:
        return True

    def remember(self, _key: str, _burst: Burst, _act: str) -> bool:
        return True

    def summarised(self, _key: str, _burst: Burst) -> None:
        """No summary is sent here."""

    def add(self, account_id: AccountId, sign_in: SignIn) -> frozenset[SignIn]:
        return self.knowledge.sign_ins(account_id) | {sign_in}

    def remind(self, _reference: BurstReference, _burst: Burst) -> None:
        """No reminder is sent."""


def explain_activity(envelope: Envelope, knowledge: Knowledge) -> Explanation:
    """Explain a CloudTrail record, or one of our own events; raises MalformedEvent."""
    if envelope.detail_type == SessionsNotRecorded.detail_type:
        return _never_used(envelope)
    if envelope.source == SOURCE:
        return _burst_ended(envelope)
    record = read_record(envelope)
    if names_protecting_policy(record) and not record.identity.is_root:
        what = "whether the policy is one that protects root or the watch, supposed to be"
        knowledge.not_known[what] = None
    finding = _assessor(record, _KnownWorld(knowledge)).finding(record)
    if finding and finding.activity is None:
        return _nothing(record, finding.assessment.reason)
    try:
        plain = _judged(record, knowledge)
    except AlreadyDone:
        because = "this very record was judged within the last 15 days"
        return replace(_nothing(record, because), would="skip it as a duplicate")
    if plain.verdict in _SILENT:
        return _nothing(record, _SILENT[plain.verdict])
    judged, expected = judged_as_expected(record, plain, knowledge, partial(_judged, record, knowledge))
    return replace(_reported(record, judged, envelope), expected=expected)


def _never_used(envelope: Envelope) -> Explanation:
    sessions = SessionsNotRecorded.from_detail(envelope.detail).sessions
    return Explanation(
        function=_FUNCTION,
        would="put these sessions on record as never used: any use of one alerts as critical",
        because=f"a function opened {len(sessions)} root sessions and could not put them on record",
        account=sessions[0].account_id,
    )


def _burst_ended(envelope: Envelope) -> Explanation:
    reference, opened_at = read_reminder(envelope.detail)
    return Explanation(
        function=_FUNCTION,
        would="sum the burst up, if more than what alerted happened in it",
        because=f"the burst that began at {opened_at:%H:%M:%S} UTC has ended",
        account=reference.account.account_id,
    )


def _nothing(record: CloudTrailRecord, because: str) -> Explanation:
    return Explanation(function=_FUNCTION, would="nothing", because=because, account=record.account_id)


def _judged(record: CloudTrailRecord, knowledge: Knowledge, expected: tuple[Expectation, ...] = ()) -> Judged:
    """Judge a record as the function does; raises AlreadyDone and MalformedEvent."""
    world = _KnownWorld(knowledge)
    assessor = replace(_assessor(record, world), expected=expected)
    verdict = assessor.assess(record, attempt=_DECIDING_ATTEMPT)
    alerts = (outcome for outcome in world.published if isinstance(outcome, ActivityAlert))
    return Judged(verdict, next(alerts, None))


def _assessor(record: CloudTrailRecord, world: _KnownWorld) -> ActivityAssessor:
    """Make it. Asked only where it matters, lest the explanation names what would change nothing."""
    knowledge = world.knowledge
    watched = names_watched_resource(record, knowledge.name_prefix)
    by_hub = watched or record.event_name in _BY_HUB
    by_management = watched or record.event_name == "AcceptHandshake"
    return ActivityAssessor(
        memory=world,
        claims=world,
        names=AccountNames(world, world),
        bursts=BurstGrouping(
            memory=world, publish=world.published.append, remind=world.remind, clock=utc_now
        ),
        sign_ins=SignInHistory(world),
        publish=world.published.append,
        name_prefix=knowledge.name_prefix,
        own_roles=knowledge.own_roles() if record.event_name == "AssumeRoot" else {},
        hub_account_id=knowledge.hub_account() if by_hub else AccountId(""),
        management_account_id=knowledge.management(record.account_id)
        if by_management
        else _management(record, knowledge),
        clock=utc_now,
    )


def _management(record: CloudTrailRecord, knowledge: Knowledge) -> AccountId:
    """Ask only where it matters: the management account's root user, and its trails, are said to be that."""
    matters = record.identity.is_root or record.event_source == "cloudtrail.amazonaws.com"
    is_one = matters and knowledge.is_management(record.account_id)
    return record.account_id if is_one else AccountId("")


def _reported(record: CloudTrailRecord, judged: Judged, envelope: Envelope) -> Explanation:
    alert = judged.alert
    if alert is None:
        return Explanation(
            function=_FUNCTION,
            would="count it in the burst, whose summary follows",
            because="an alert of its kind went out already, and the burst goes on",
            account=record.account_id,
        )
    return Explanation(
        function=_FUNCTION,
        would=f"alert, with severity {alert.assessment.severity}",
        because=f"{alert.activity.replace('_', ' ')}: {alert.assessment.in_full}",
        account=alert.account.account_id,
        notification=title(alert, envelope),
    )
