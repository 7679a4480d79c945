"""Which records are one act, and whose burst they join: by this repeats are counted and news alerts."""

from dataclasses import dataclass, replace
from hashlib import sha256

from rootwarden.activity.classification import protection_target, was_refused_or_failed
from rootwarden.activity.judgement import FAILED_SIGN_INS
from rootwarden.activity.outcomes import Actor
from rootwarden.activity.root_activity import ActorKind, Finding
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Activity, Severity
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference

_LONGEST_NAME = 100
# The incidents of one caller, whatever accounts it reaches for.
_BY_CALLER = {Activity.ROOT_SESSION_REFUSED: None, Activity.ROOT_SESSION_OPENED: "root sessions"}
# Who may take as many session names as they like.
_OF_MANY_NAMES = frozenset({ActorKind.PRINCIPAL, ActorKind.FEDERATED_SESSION})
_REFUSED, _REFUSED_LESSER = "refused", "refused, lesser"
_STANDS_OUT = frozenset({Severity.CRITICAL, Severity.HIGH})
# What the incidents of records from an account's own queue begin with.
_COLLECTED = "collected"


@dataclass(frozen=True, kw_only=True)
class Act:
    """What one event shows. name: equal for acts that are alike. stands_out: alerts whatever else alerted.

    account: which one it reached for, where a burst is over many accounts. kind: what it is called where
    too many acts alerted: without the resource, whose name its caller may invent.
    """

    event: str
    name: str
    severity: Severity
    stands_out: bool = False
    account: AccountId | None = None
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class BurstReference:
    """Whose burst it is. actor: None for all of an account. incident: keeps an actor's bursts apart.

    caller: the account whose alerts an act counts among, where it is not the one that the act is about.
    """

    account: AccountReference
    actor: Actor | None
    source_ip: str | None
    incident: str | None = None
    caller: AccountReference | None = None

    @property
    def key(self) -> str:
        """What is equal for events of one burst."""
        kind, arn = (self.actor.kind.value, self.actor.arn) if self.actor else (None, None)
        parts = (self.account.account_id, kind, arn, self.source_ip)
        key = "#".join(part or "" for part in parts)
        return f"{key}#{self.incident}" if self.incident else key

    @property
    def is_collected(self) -> bool:
        """Whether it is of records from an account's own queue, which may be forged."""
        return (self.incident or "").partition("#")[0] == _COLLECTED

    def apart(self) -> "BurstReference":
        """Return the burst for what this one's caller has in an account's own queue: it swallows no other."""
        return replace(self, incident="#".join(filter(None, (_COLLECTED, self.incident))))

    def of_account(self, severity: Severity) -> "BurstReference":
        """Return the burst that counts the calling account's alerts of one severity."""
        whose = self.caller or self.account
        reference = BurstReference(account=whose, actor=None, source_ip=None, incident=severity.value)
        return reference.apart() if self.is_collected else reference


def burst_of(
    record: CloudTrailRecord,
    activity: Activity,
    severity: Severity,
    actor: Actor,
    affected: AccountId,
    *,
    is_collected: bool = False,
) -> BurstReference:
    """Say whose burst a record belongs to; what was brought in from an account's own queue stays apart."""
    reference = _burst_of(record, activity, severity, actor, affected)
    return reference.apart() if is_collected else reference


def _burst_of(
    record: CloudTrailRecord, activity: Activity, severity: Severity, actor: Actor, affected: AccountId
) -> BurstReference:
    """Return account, actor and address, but for what is cheap to repeat.

    Root sessions, refused or opened, belong to who asked, whatever account, address and session name they
    choose. What else a role or a root key's session only tried belongs to it; what is no graver than medium,
    to it and the account that it is about. Opened sessions are an incident of their own, and so is a command
    line session. Failed sign-ins belong to the account, wherever they come from. Alerts count for the
    account that the call was made in.
    """
    calling = AccountReference(account_id=record.account_id)
    caller = Actor(kind=actor.kind, arn=record.identity.role_arn or actor.arn, access_key_id=None)
    is_tried = was_refused_or_failed(record) and actor.kind in _OF_MANY_NAMES
    if activity in _BY_CALLER or (is_tried and severity in _STANDS_OUT):
        incident = _BY_CALLER.get(activity, _REFUSED)
        return BurstReference(account=calling, actor=caller, source_ip=None, incident=incident)
    incident = _command_line_session(record) if actor.kind is ActorKind.CLI_LOGIN else None
    return BurstReference(
        account=AccountReference(account_id=affected),
        actor=caller if is_tried else actor,
        source_ip=None if is_tried or activity in FAILED_SIGN_INS else record.source_ip,
        # Lesser acts are all alike: those about one account hide none about another, and a graver one none.
        incident=_REFUSED_LESSER if is_tried else incident,
        caller=None if affected == record.account_id else calling,
    )


def _command_line_session(record: CloudTrailRecord) -> str:
    # Another sign-in is another session, though account, actor and address are the same.
    return "#".join(filter(None, ("aws login", record.identity.sign_in_session)))


def act_of(
    record: CloudTrailRecord,
    activity: Activity,
    severity: Severity,
    affected: AccountId,
    finding: Finding | None = None,
) -> Act:
    """Say what a record shows: critical acts differ by activity, event and target, high ones by activity.

    High ones of the watch, of trails and before a takeover differ as critical ones do. Two are of one target
    where one command puts both back. A deed differs from its try. A command line session is one act, however
    many events it takes.
    """
    stands_out = severity in _STANDS_OUT
    name, kind = (
        _named(record, activity, severity, affected, finding) if stands_out else (severity.value, None)
    )
    is_opening = activity is Activity.ROOT_SESSION_OPENED
    if is_opening and stands_out:
        name = f"{name}#{_opening(record, severity, affected)}"
    return Act(
        event=sha256(record.deduplication_key.encode()).hexdigest()[:32],
        name=name,
        severity=severity,
        stands_out=stands_out,
        account=affected if is_opening else None,
        kind=kind,
    )


def target_of(record: CloudTrailRecord, activity: Activity, finding: Finding | None) -> str | None:
    """Return what a record acted on, by its name; None where it names nothing."""
    return finding.target if finding else protection_target(record, activity)


def _named(
    record: CloudTrailRecord,
    activity: Activity,
    severity: Severity,
    affected: AccountId,
    finding: Finding | None,
) -> tuple[str, str | None]:
    """Return what a grave act is called, and what without its target where it has one, or another account."""
    name = f"{activity.value}#{'tried' if was_refused_or_failed(record) else 'done'}"
    if severity is Severity.HIGH and finding is None:
        return name, None
    event = "" if activity is Activity.CLI_SESSION else record.event_name
    name = f"{name}#{event}"[:_LONGEST_NAME]
    if severity is Severity.HIGH:
        # Else many high acts would hide a critical one of the same call.
        name = f"{name}#{severity}"
    target = target_of(record, activity, finding)
    if finding and target is None and affected != record.account_id:
        target = affected
    if target is None:
        return name, None
    # Else a decoy that is taken down first would hide what is taken down after it.
    return f"{name}#{_digest(target, finding.put_back if finding else None)}", name


def _opening(record: CloudTrailRecord, severity: Severity, affected: AccountId) -> str:
    """Say which opened sessions of a caller are alike: those under one session name.

    People share a role: another of them alerts. What is critical alerts for each account, key and address.
    """
    identity = record.identity
    critical = (affected, identity.access_key_id, record.source_ip) if severity is Severity.CRITICAL else ()
    return _digest(identity.arn or identity.access_key_id, *critical)


def _digest(*parts: str | None) -> str:
    return sha256("#".join(part or "" for part in parts).encode()).hexdigest()[:16]
