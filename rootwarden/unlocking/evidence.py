"""A policy as it was before it was changed, kept so that anyone can see it later and put it back."""

from typing import Annotated, Protocol

from msgspec import Meta, field

from rootwarden.outcomes import VERSION, Record, Time, TwelveDigits
from rootwarden.unlocking.requests import Resource


class EvidenceReference(Record, frozen=True):
    """Where a piece of evidence is."""

    bucket: Annotated[str | None, Meta(description="null: a file on the operator's own machine")]
    key: str


class Evidence(Record, frozen=True, kw_only=True, tag_field="version", tag=VERSION):
    """One policy, letter by letter, and why it was about to be changed."""

    account_id: TwelveDigits = field(name="account")
    resource: Resource
    policy: str
    requested_by: str
    request_reason: str
    saved_at: Time

    def name(self, suffix: str) -> str:
        """Return a name that sorts by resource and time; the suffix makes it unique."""
        resource, time = self.resource, f"{self.saved_at:%Y-%m-%dT%H%M%SZ}"
        return f"{self.account_id}/{resource.kind}/{resource.name}/{time}-{suffix}.json"


class EvidenceStore(Protocol):
    """Where evidence is kept. Both methods raise CallRefused."""

    def save(self, evidence: Evidence) -> EvidenceReference:
        """Keep a policy before it is changed."""

    def load(self, key: str) -> Evidence:
        """Return what was kept under a key; raises MalformedEvent where it is no evidence."""
