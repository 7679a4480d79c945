"""Buckets and queues as a root session sees them, and their policies as they were before a change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

from msgspec import Meta, field

from rootwarden.accounts import AccountId, TwelveDigits
from rootwarden.event_fields import Record
from rootwarden.outcomes import VERSION, Time
from rootwarden.unlocking.requests import Resource


class PolicyHolder(Protocol):
    """A bucket or queue inside a root session. The methods raise CallRefused."""

    @property
    def resource(self) -> Resource:
        """What and where it is."""

    def read(self) -> str | None:
        """Return its policy, None where there is none."""

    def write(self, policy: str | None) -> None:
        """Put a policy in place of its own; None deletes."""


@dataclass(frozen=True)
class Found:
    """A resource. not_looked_at: Regions that may have one as well, by the code of why nobody could look."""

    holder: PolicyHolder
    not_looked_at: Mapping[str, str]


class PolicyHolders(Protocol):
    """The buckets, or the queues, of any account."""

    def find(self, account_id: AccountId, wanted: str, region: str | None) -> Found:
        """Find one in a root session; raises RequestRefused where the account has none, and CallRefused."""


def is_changed(now: str | None, before: str | None, *, to_none: bool) -> bool:
    """Say whether a policy shows that it was deleted, or that another one was put there."""
    # AWS gives policies back in its own words, so what was put is known by what it replaced.
    return now is None if to_none else now is not None and not is_same(now, before)


def is_same(one: str | None, other: str | None) -> bool:
    """Say whether two policies say the same, however they are written."""
    if one is None or other is None:
        return one is other
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return one == other


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
