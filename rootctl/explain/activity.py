"""What assess_root_activity would do: its own assessor, which remembers and publishes nothing here."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rootctl.explain.explanation import Explanation, title
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker
from rootwarden.accounts import Account, AccountId
from rootwarden.activity.account_names import AccountNames
from rootwarden.activity.assessment import ActivityAssessor, ActivityVerdict
from rootwarden.activity.bursts import Burst, BurstGrouping, BurstReference
from rootwarden.activity.judgement import SignIn, SignInHistory
from rootwarden.activity.memory import Recalled
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.root_activity import Severity
from rootwarden.activity.watch import names_protecting_policy, read_record
from rootwarden.activity.watched_resources import names_watched_resource
from rootwarden.aws.sqs import read_reminder
from rootwarden.aws.state_table import KeyKind
from rootwarden.claims import AlreadyDone, Claim, ClaimState
from rootwarden.events import CloudTrailRecord, Envelope
from rootwarden.outcomes import SOURCE, AccountReference, Outcome, utc_now
from rootwarden.unrecorded_sessions import SessionsNotRecorded

_FUNCTION = Taker.ASSESS_ROOT_ACTIVITY.value
# The first attempt only waits a moment for the record of a session of ours; the second decides.
_DECIDING_ATTEMPT = 2
_SILENT = {
    ActivityVerdict.OURS: "the root session, or the refused attempt at one, is rootwarden's own",
    ActivityVerdict.SERVICE: "a service made the call for the account; no person acted as root",
    ActivityVerdict.NO_ROOT_USER: "it is a federated log-in without root's ARN; no root user took part",
    ActivityVerdict.CORRECTION: "AWS corrects an event that was reported, and it is no worse than reported",
}
_BY_HUB = ("RegisterDelegatedAdministrator",)


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
        sessions = SessionsNotRecorded.from_detail(envelope.detail).sessions
        return Explanation(
            function=_FUNCTION,
            would="put these sessions on record as never used: any use of one alerts as critical",
            because=f"a function opened {len(sessions)} root sessions and could not put them on record",
            account=sessions[0].account_id,
        )
    if envelope.source == SOURCE:
        reference, opened_at = read_reminder(envelope.detail)
        return Explanation(
            function=_FUNCTION,
            would="sum the burst up, if more than what alerted happened in it",
            because=f"the burst that began at {opened_at:%H:%M:%S} UTC has ended",
            account=reference.account.account_id,
        )
    record = read_record(envelope)
    world = _KnownWorld(knowledge)
    if names_protecting_policy(record) and not record.identity.is_root:
        knowledge.not_known["whether the policy is one that protects root or the watch, supposed to be"] = (
            None
        )
    watched = names_watched_resource(record, knowledge.name_prefix)
    by_hub = watched or record.event_name in _BY_HUB
    assessor = ActivityAssessor(
        memory=world,
        claims=world,
        names=AccountNames(world, world),
        bursts=BurstGrouping(
            memory=world, publish=world.published.append, remind=world.remind, clock=utc_now
        ),
        sign_ins=SignInHistory(world),
        publish=world.published.append,
        # Asked only where it matters, lest the explanation names what would change nothing.
        name_prefix=knowledge.name_prefix,
        own_roles=knowledge.own_roles() if record.event_name == "AssumeRoot" else {},
        hub_account_id=knowledge.hub_account() if by_hub else AccountId(""),
        management_account_id=knowledge.management(record.account_id)
        if watched
        else _management(record, knowledge),
        clock=utc_now,
    )
    finding = assessor.finding(record)
    if finding and finding.activity is None:
        because = finding.assessment.reason
        return Explanation(function=_FUNCTION, would="nothing", because=because, account=record.account_id)
    try:
        verdict = assessor.assess(record, attempt=_DECIDING_ATTEMPT)
    except AlreadyDone:
        because = "this very record was judged within the last day"
        return Explanation(
            function=_FUNCTION, would="skip it as a duplicate", because=because, account=record.account_id
        )
    return _judged(verdict, record, world, envelope)


def _management(record: CloudTrailRecord, knowledge: Knowledge) -> AccountId:
    """Ask only for root's acts: the root user of the management account is said to be that."""
    is_one = record.identity.is_root and knowledge.is_management(record.account_id)
    return record.account_id if is_one else AccountId("")


def _judged(
    verdict: ActivityVerdict, record: CloudTrailRecord, world: _KnownWorld, envelope: Envelope
) -> Explanation:
    if verdict in _SILENT:
        because = _SILENT[verdict]
        return Explanation(function=_FUNCTION, would="nothing", because=because, account=record.account_id)
    if verdict is ActivityVerdict.COUNTED:
        because = "an alert of its kind went out already, and the burst goes on"
        would = "count it in the burst, whose summary follows"
        return Explanation(function=_FUNCTION, would=would, because=because, account=record.account_id)
    [alert] = [outcome for outcome in world.published if isinstance(outcome, ActivityAlert)]
    return Explanation(
        function=_FUNCTION,
        would=f"alert, with severity {alert.assessment.severity}",
        because=f"{alert.activity.replace('_', ' ')}: {alert.assessment.in_full}",
        account=alert.account.account_id,
        notification=title(alert, envelope),
    )
