"""The outcome events `Root Activity Alert` and `Root Activity Summary`."""

from datetime import timedelta
from typing import Annotated, ClassVar, Self

from msgspec import Meta, field

from rootwarden.activity.classification import mfa_used
from rootwarden.activity.root_activity import ActorKind, Assessment
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.configured import Expectation
from rootwarden.contract.detail_types import ROOT_ACTIVITY_ALERT, ROOT_ACTIVITY_SUMMARY
from rootwarden.events import Record, TwelveDigits
from rootwarden.outcomes import AccountReference, Outcome, Time
from rootwarden.recovery.windows import RecoveryWindow

# How many accounts a burst over many remembers, and how many its summary names.
MOST_ACCOUNTS = 500
MOST_NAMED = 20
_COLLECTED = "true: from the account's own queue, which its administrators can write to; it may be forged"


class Actor(Record, frozen=True, kw_only=True):
    """Who acted, and with which credentials."""

    kind: ActorKind
    arn: str | None
    access_key_id: str | None


class ObservedEvent(Record, frozen=True, kw_only=True):
    """The CloudTrail record behind an alert, as far as people need it."""

    event_id: str = field(name="id")
    name: str
    source: str
    time: Annotated[Time, Meta(description="when it happened")]
    region: str
    account_id: Annotated[TwelveDigits, Meta(description="where CloudTrail logged it")]
    source_ip: str | None
    user_agent: str | None
    error_code: str | None
    mfa_used: Annotated[bool | None, Meta(description="null: the record does not say")]
    delivered_at: Annotated[Time | None, Meta(description="when EventBridge got it")] = None

    @classmethod
    def of(cls, record: CloudTrailRecord) -> Self:
        """Take what people need from a record."""
        delivered = record.delivered_at
        return cls(
            event_id=record.event_id,
            name=record.event_name,
            source=record.event_source,
            time=record.time.replace(microsecond=0),
            region=record.region,
            account_id=record.account_id,
            source_ip=record.source_ip,
            user_agent=record.user_agent,
            error_code=record.error_code,
            mfa_used=mfa_used(record),
            delivered_at=delivered.replace(microsecond=0) if delivered else None,
        )


class Expected(Record, frozen=True, kw_only=True):
    """Why a call was expected, and until which day."""

    reason: str
    until: str

    @classmethod
    def of(cls, expectation: Expectation) -> Self:
        """Say what the configuration says."""
        return cls(reason=expectation.reason, until=expectation.until.isoformat())


class ActivityAlert(Outcome, frozen=True, kw_only=True):
    """One root activity that a person should know of now."""

    detail_type: ClassVar[str] = ROOT_ACTIVITY_ALERT

    account: AccountReference
    activity: Activity
    attempted: Annotated[bool, Meta(description="true: it was tried and did not succeed")] = False
    management_root: Annotated[bool, Meta(description="whether root of the management account acted")] = (
        field(default=False, name="managementAccountRoot")
    )
    management_account: Annotated[
        bool, Meta(description="whether it is about the management account, which no root session reaches")
    ] = False
    severity: Severity
    severity_reason: str
    circumstances: tuple[str, ...] = ()
    actor: Actor
    event: ObservedEvent
    recovery_window: RecoveryWindow | None = None
    expected: Annotated[
        Expected | None,
        Meta(description="the expectation that covers it; what is critical it makes no quieter"),
    ] = None
    target: Annotated[str | None, Meta(description="what was acted on, by its name; null: root itself")] = (
        None
    )
    put_back: Annotated[str | None, Meta(description="the command that undoes it, where there is one")] = None
    collected: Annotated[bool, Meta(description=_COLLECTED)] = False
    occurred_at: Time

    def weighed(self) -> Severity:
        """Return what it was assessed as."""
        return self.severity

    @property
    def assessment(self) -> Assessment:
        """How severe it is, and why."""
        return Assessment(self.severity, self.severity_reason, self.circumstances)

    @property
    def age(self) -> timedelta:
        """How long ago it had happened when it was reported."""
        return self.occurred_at - self.event.time


class ActivitySummary(Outcome, frozen=True, kw_only=True):
    """What came in one burst."""

    detail_type: ClassVar[str] = ROOT_ACTIVITY_SUMMARY

    account: AccountReference
    actor: Annotated[Actor | None, Meta(description="null: what went beyond the account's budget")]
    source_ip: str | None
    count: int
    # 0.1 did not say it.
    alerted: Annotated[int, Meta(description="how many of count alerted on their own")] = 0
    highest: Severity = field(name="highestSeverity")
    activities: Annotated[
        tuple[Activity, ...], Meta(description="what alerted on its own as critical or high")
    ] = ()
    first_at: Time
    last_at: Time
    accounts: Annotated[
        tuple[TwelveDigits, ...],
        Meta(description=f"where root sessions were opened: the first {MOST_NAMED} by number; else empty"),
    ] = ()
    account_count: Annotated[
        int, Meta(description=f"in how many accounts; {MOST_ACCOUNTS} or more: at least as many")
    ] = 0
    collected: Annotated[bool, Meta(description=_COLLECTED)] = False

    def weighed(self) -> Severity:
        """Return the worst of the burst."""
        return self.highest
