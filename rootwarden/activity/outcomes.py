"""The outcome events `Root Activity Alert` and `Root Activity Summary`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Self

from rootwarden.activity.classification import mfa_used
from rootwarden.activity.root_activity import Activity, ActorKind, Assessment, Severity
from rootwarden.event_fields import Fields
from rootwarden.events import CloudTrailRecord
from rootwarden.outcomes import VERSION, AccountReference, iso
from rootwarden.recovery.windows import RecoveryWindow


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acted, and with which credentials."""

    kind: ActorKind
    arn: str | None
    access_key_id: str | None

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"kind": self.kind.value, "arn": self.arn, "accessKeyId": self.access_key_id}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form."""
        return cls(
            kind=fields.choice(ActorKind, "kind"),
            arn=fields.optional_text("arn"),
            access_key_id=fields.optional_text("accessKeyId"),
        )


@dataclass(frozen=True, kw_only=True)
class ObservedEvent:
    """The CloudTrail record behind an alert, as far as people need it.

    delivered_at: when EventBridge got it; None in outcomes of earlier versions.
    """

    event_id: str
    name: str
    source: str
    time: datetime
    region: str
    account_id: str
    source_ip: str | None
    user_agent: str | None
    error_code: str | None
    mfa_used: bool | None
    delivered_at: datetime | None = None

    @classmethod
    def of(cls, record: CloudTrailRecord) -> Self:
        """Take what people need from a record."""
        return cls(
            event_id=record.event_id,
            name=record.event_name,
            source=record.event_source,
            time=record.time,
            region=record.region,
            account_id=record.account_id,
            source_ip=record.source_ip,
            user_agent=record.user_agent,
            error_code=record.error_code,
            mfa_used=mfa_used(record),
            delivered_at=record.delivered_at,
        )

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "id": self.event_id,
            "name": self.name,
            "source": self.source,
            "time": iso(self.time),
            "region": self.region,
            "accountId": self.account_id,
            "sourceIp": self.source_ip,
            "userAgent": self.user_agent,
            "errorCode": self.error_code,
            "mfaUsed": self.mfa_used,
            "deliveredAt": iso(self.delivered_at) if self.delivered_at else None,
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form."""
        known = isinstance(fields.value, dict) and isinstance(fields.value.get("mfaUsed"), bool)
        delivered = fields.has("deliveredAt")
        return cls(
            event_id=fields.text("id"),
            name=fields.text("name"),
            source=fields.text("source"),
            time=fields.time("time"),
            region=fields.text("region"),
            account_id=fields.text("accountId"),
            source_ip=fields.optional_text("sourceIp"),
            user_agent=fields.optional_text("userAgent"),
            error_code=fields.optional_text("errorCode"),
            mfa_used=fields.boolean("mfaUsed") if known else None,
            delivered_at=fields.time("deliveredAt") if delivered else None,
        )


@dataclass(frozen=True, kw_only=True)
class ActivityAlert:
    """One root activity that a person should know of now.

    attempted: it was tried and did not succeed. management_root: root of the management account acted.
    target and put_back: what was acted on, and the command that undoes it, where the watch was touched.
    """

    detail_type: ClassVar[str] = "Root Activity Alert"

    account: AccountReference
    activity: Activity
    assessment: Assessment
    actor: Actor
    event: ObservedEvent
    recovery_window: RecoveryWindow | None
    occurred_at: datetime
    attempted: bool = False
    management_root: bool = False
    target: str | None = None
    put_back: str | None = None

    @property
    def age(self) -> timedelta:
        """How long ago it had happened when it was reported."""
        return self.occurred_at - self.event.time

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        window = self.recovery_window
        return {
            "version": VERSION,
            "account": self.account.to_detail(),
            "activity": self.activity.value,
            "attempted": self.attempted,
            "managementAccountRoot": self.management_root,
            "severity": self.assessment.severity.value,
            "severityReason": self.assessment.reason,
            "circumstances": list(self.assessment.circumstances),
            "actor": self.actor.to_detail(),
            "event": self.event.to_detail(),
            "recoveryWindow": window.to_detail() if window else None,
            "target": self.target,
            "putBack": self.put_back,
            "occurredAt": iso(self.occurred_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        window = fields.optional_object("recoveryWindow")
        severity = fields.choice(Severity, "severity")
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            activity=fields.choice(Activity, "activity"),
            assessment=Assessment(
                severity,
                fields.text("severityReason"),
                fields.optional_texts("circumstances") or (),
            ),
            attempted=fields.is_true("attempted"),
            management_root=fields.is_true("managementAccountRoot"),
            actor=Actor.from_detail(fields.object("actor")),
            event=ObservedEvent.from_detail(fields.object("event")),
            recovery_window=RecoveryWindow.from_detail(window) if window else None,
            occurred_at=fields.time("occurredAt"),
            target=fields.optional_text("target"),
            put_back=fields.optional_text("putBack"),
        )


@dataclass(frozen=True, kw_only=True)
class ActivitySummary:
    """What came in one burst. actor: None for what went beyond an account's budget. alerted: of count."""

    detail_type: ClassVar[str] = "Root Activity Summary"

    account: AccountReference
    actor: Actor | None
    source_ip: str | None
    count: int
    alerted: int
    highest: Severity
    first_at: datetime
    last_at: datetime

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        return {
            "version": VERSION,
            "account": self.account.to_detail(),
            "actor": self.actor.to_detail() if self.actor else None,
            "sourceIp": self.source_ip,
            "count": self.count,
            "alerted": self.alerted,
            "highestSeverity": self.highest.value,
            "firstAt": iso(self.first_at),
            "lastAt": iso(self.last_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        actor = fields.optional_object("actor")
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            actor=Actor.from_detail(actor) if actor else None,
            source_ip=fields.optional_text("sourceIp"),
            count=fields.number("count"),
            alerted=fields.number("alerted"),
            highest=fields.choice(Severity, "highestSeverity"),
            first_at=fields.time("firstAt"),
            last_at=fields.time("lastAt"),
        )
