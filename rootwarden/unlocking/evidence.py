"""A policy as it was before it was changed, kept so that anyone can see it later and put it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from rootwarden.accounts import AccountId, parse_account_id
from rootwarden.event_fields import Fields
from rootwarden.outcomes import VERSION, iso
from rootwarden.unlocking.requests import Resource


@dataclass(frozen=True)
class EvidenceReference:
    """Where a piece of evidence is. bucket: None for a file on the operator's own machine."""

    bucket: str | None
    key: str

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"bucket": self.bucket, "key": self.key}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(bucket=fields.optional_text("bucket"), key=fields.text("key"))


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One policy, letter by letter, and why it was about to be changed."""

    account_id: AccountId
    resource: Resource
    policy: str
    requested_by: str
    request_reason: str
    saved_at: datetime

    def name(self, suffix: str) -> str:
        """Return a name that sorts by resource and time; the suffix makes it unique."""
        resource, time = self.resource, f"{self.saved_at:%Y-%m-%dT%H%M%SZ}"
        return f"{self.account_id}/{resource.kind}/{resource.name}/{time}-{suffix}.json"

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "version": VERSION,
            "account": self.account_id,
            "resource": self.resource.to_detail(),
            "policy": self.policy,
            "requestedBy": self.requested_by,
            "requestReason": self.request_reason,
            "savedAt": iso(self.saved_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            account_id=parse_account_id(fields.text("account"), "account"),
            resource=Resource.from_detail(fields.object("resource")),
            policy=fields.text("policy"),
            requested_by=fields.text("requestedBy"),
            request_reason=fields.text("requestReason"),
            saved_at=fields.time("savedAt"),
        )


class EvidenceStore(Protocol):
    """Where evidence is kept. Both methods raise CallRefused."""

    def save(self, evidence: Evidence) -> EvidenceReference:
        """Keep a policy before it is changed."""

    def load(self, key: str) -> Evidence:
        """Return what was kept under a key; raises MalformedEvent where it is no evidence."""
