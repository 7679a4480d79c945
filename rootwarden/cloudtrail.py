"""CloudTrail's records, as EventBridge hands them over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rootwarden.contract.root_callers import CONSOLE, MCP_SERVERS
from rootwarden.events import AccountId, Envelope, Fields, MalformedEvent


def is_root(detail: Fields) -> bool:
    """Say whether the caller was a root user, or used a session that a root access key handed out."""
    kind = detail.optional_text("userIdentity", "type")
    issuer = detail.optional_text("userIdentity", "sessionContext", "sessionIssuer", "type")
    return kind == "Root" or (kind == "FederatedUser" and issuer == "Root")


def acting_service(detail: Fields) -> str | None:
    """Return the service that made the call for the account; None where a person made it."""
    invoked_by = detail.optional_text("userIdentity", "invokedBy")
    if invoked_by is None or invoked_by.endswith(MCP_SERVERS):
        return None
    return None if invoked_by in CONSOLE and _in_a_console_session(detail) else invoked_by


def _in_a_console_session(detail: Fields) -> bool:
    if detail.is_true("sessionCredentialFromConsole"):
        return True
    return detail.optional_text("userIdentity", "sessionContext", "attributes", "creationDate") is not None


def is_directory_login(detail: Fields) -> bool:
    """Say whether this is a federated log-in, which CloudTrail writes as root's but without root's ARN."""
    name = detail.optional_text("eventName")
    return name == "ExternalIdPDirectoryLogin" and detail.optional_text("userIdentity", "arn") is None


@dataclass(frozen=True, kw_only=True)
class Identity:
    """userIdentity: who made the call.

    is_root: a root user, by whatever credentials; is_root_session: the record says AssumeRoot gave them.
    sign_in_session: the sign-in the credentials came from, where the record names it.
    """

    kind: str
    is_root: bool
    arn: str | None
    access_key_id: str | None
    role_arn: str | None
    has_session: bool
    is_root_session: bool
    sign_in_session: str | None

    @classmethod
    def read(cls, detail: Fields) -> Self:
        """Read userIdentity; a record without one yields an unknown caller."""
        session = detail.optional_object("userIdentity", "sessionContext")
        return cls(
            kind=detail.optional_text("userIdentity", "type") or "Unknown",
            is_root=is_root(detail),
            arn=detail.optional_text("userIdentity", "arn"),
            access_key_id=detail.optional_text("userIdentity", "accessKeyId"),
            role_arn=session.optional_text("sessionIssuer", "arn") if session else None,
            has_session=session is not None,
            is_root_session=session is not None and session.is_true("assumedRoot"),
            sign_in_session=session.optional_text("signInSessionArn") if session else None,
        )

    @property
    def is_federated(self) -> bool:
        """Whether a root access key handed the session out."""
        return self.is_root and self.kind == "FederatedUser"


@dataclass(frozen=True, kw_only=True)
class CloudTrailRecord:
    """One record. account_id: where it was logged, which EventBridge vouches for.

    time: when it happened; delivered_at: when EventBridge got it. A record may come late, or correct another:
    addendum_reason and corrects (the other's event id) say so, in AWS's words.
    """

    event_id: str
    event_name: str
    event_source: str
    event_type: str | None
    time: datetime
    delivered_at: datetime
    region: str
    account_id: AccountId
    identity: Identity
    source_ip: str | None
    user_agent: str | None
    error_code: str | None
    error_message: str | None
    read_only: bool
    addendum_reason: str | None
    corrects: str | None
    detail: Fields

    @classmethod
    def read(cls, envelope: Envelope) -> Self:
        """Read a record from its envelope; raises MalformedEvent naming the field."""
        detail = envelope.detail
        return cls(
            event_id=detail.optional_text("eventID") or envelope.event_id,
            event_name=detail.text("eventName"),
            event_source=detail.text("eventSource"),
            event_type=detail.optional_text("eventType"),
            time=_happened_at(detail) or envelope.time,
            delivered_at=envelope.time,
            region=detail.optional_text("awsRegion") or envelope.region,
            account_id=envelope.account_id,
            identity=Identity.read(detail),
            source_ip=detail.optional_text("sourceIPAddress"),
            user_agent=detail.optional_text("userAgent"),
            error_code=detail.optional_text("errorCode"),
            error_message=detail.optional_text("errorMessage"),
            read_only=detail.is_true("readOnly"),
            addendum_reason=detail.optional_text("addendum", "reason"),
            corrects=_corrects(detail),
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


def _happened_at(detail: Fields) -> datetime | None:
    try:
        return detail.time("eventTime")
    except MalformedEvent:
        return None


def _corrects(detail: Fields) -> str | None:
    if detail.optional_text("addendum", "reason") != "UPDATED_DATA":
        return None
    return detail.optional_text("addendum", "originalEventID")
