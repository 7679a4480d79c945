"""CloudTrail records as EventBridge delivers them: who called what, from where.

Record contents: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from lambdas.domain.accounts import AccountId
from lambdas.domain.envelope import Envelope
from lambdas.domain.event_fields import Fields


@dataclass(frozen=True, kw_only=True)
class Identity:
    """userIdentity: who made the call. is_root_session: the record says AssumeRoot gave the credentials."""

    kind: str
    arn: str | None
    access_key_id: str | None
    role_arn: str | None
    has_session: bool
    is_root_session: bool

    @classmethod
    def read(cls, detail: Fields) -> Self:
        """Read userIdentity; a record without one yields an unknown caller."""
        session = detail.optional_object("userIdentity", "sessionContext")
        flag = session.optional_text("assumedRoot") if session else None
        return cls(
            kind=detail.optional_text("userIdentity", "type") or "Unknown",
            arn=detail.optional_text("userIdentity", "arn"),
            access_key_id=detail.optional_text("userIdentity", "accessKeyId"),
            role_arn=session.optional_text("sessionIssuer", "arn") if session else None,
            has_session=session is not None,
            is_root_session=(flag or "").lower() == "true",
        )

    @property
    def is_root(self) -> bool:
        """Whether the caller was a root user, by whatever credentials."""
        return self.kind == "Root"


@dataclass(frozen=True, kw_only=True)
class CloudTrailRecord:
    """One record. account_id: where it was logged, which EventBridge vouches for."""

    event_id: str
    event_name: str
    event_source: str
    time: datetime
    region: str
    account_id: AccountId
    identity: Identity
    source_ip: str | None
    user_agent: str | None
    error_code: str | None
    read_only: bool
    detail: Fields

    @classmethod
    def read(cls, envelope: Envelope) -> Self:
        """Read a record from its envelope; raises MalformedEvent naming the field."""
        detail = envelope.detail
        return cls(
            event_id=detail.optional_text("eventID") or envelope.event_id,
            event_name=detail.text("eventName"),
            event_source=detail.text("eventSource"),
            time=envelope.time,
            region=detail.optional_text("awsRegion") or envelope.region,
            account_id=envelope.account_id,
            identity=Identity.read(detail),
            source_ip=detail.optional_text("sourceIPAddress"),
            user_agent=detail.optional_text("userAgent"),
            error_code=detail.optional_text("errorCode"),
            read_only=_is_read_only(detail),
            detail=detail,
        )

    @property
    def deduplication_key(self) -> str:
        """What makes this record one and the same, however often and by whatever way it arrives.

        eventID alone would do for what CloudTrail itself writes; name and result keep apart the
        records of tools that write the same id twice.
        """
        result = self.detail.optional_text("responseElements", self.event_name) or ""
        return "#".join((self.account_id, self.event_id, self.event_name, result))


def _is_read_only(detail: Fields) -> bool:
    found = detail.value.get("readOnly") if isinstance(detail.value, dict) else None
    return found is True or found == "true"
