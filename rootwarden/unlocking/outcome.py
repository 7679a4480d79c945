"""Policies of buckets and queues: as a root session sees them, kept as evidence, and what became of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Protocol

from msgspec import Meta, field

from rootwarden.contract.activities import Severity
from rootwarden.contract.detail_types import RESOURCE_POLICY_UNLOCK
from rootwarden.events import AccountId, Fields, MalformedEvent, Record, TwelveDigits
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import VERSION, AccountReference, Outcome, Time
from rootwarden.policies.locks import LockVerdict, StatementVerdict
from rootwarden.unlocking.requests import Resource, UnlockRequest


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


class BegunChanges(Protocol):
    """Changes not announced yet, each a text; see in_text. Every method raises CallRefused."""

    def add(self, text: str) -> None:
        """Put a change on record."""

    def remove(self, text: str) -> None:
        """Take a change off the record; again does no harm."""

    def all(self) -> tuple[str, ...]:
        """Return what is on record."""


class PolicyChange(StrEnum):
    """What became of a policy; all but failed were proven by reading back."""

    DELETED = "deleted"
    REPLACED = "replaced"
    RESTORED = "restored"
    FAILED = "failed"


class PolicyUnlocked(Outcome, frozen=True, kw_only=True):
    """A policy was changed, or may have been where it failed."""

    detail_type: ClassVar[str] = RESOURCE_POLICY_UNLOCK

    account: AccountReference
    resource: Resource
    result: PolicyChange
    requested_by: str
    request_reason: str
    approved_by: tuple[str, ...]
    evidence: Annotated[EvidenceReference | None, Meta(description="null: there was no policy before")]
    statements: Annotated[
        tuple[StatementVerdict, ...], Meta(description="what the policy that was there before meant")
    ]
    reason: Reason | None
    occurred_at: Time

    def weighed(self) -> Severity:
        """Return high where nobody knows what policy is there now."""
        return Severity.HIGH if self.result is PolicyChange.FAILED else Severity.MEDIUM


def in_text(change: PolicyUnlocked) -> str:
    """Return how a change is put on record: as its outcome is meant to be, with the time it was begun."""
    return json.dumps(change.to_detail(), sort_keys=True)


def from_text(text: str) -> PolicyUnlocked:
    """Read what was put on record; raises MalformedEvent."""
    try:
        return PolicyUnlocked.from_detail(Fields(json.loads(text)))
    except (ValueError, RecursionError, MalformedEvent) as error:
        raise MalformedEvent("changes", "what was put on record by unlocking", text) from error


class UnlockResult(StrEnum):
    """How a request about a policy ended."""

    SHOWN = "shown"
    UNCHANGED = "unchanged"
    DELETED = PolicyChange.DELETED.value
    REPLACED = PolicyChange.REPLACED.value
    RESTORED = PolicyChange.RESTORED.value
    FAILED = PolicyChange.FAILED.value


class Unlocked(Record, frozen=True, kw_only=True):
    """The answer to a request. policy, statements: as the policy was before anything was changed.

    new_policy, new_statements: of the policy to put or to restore; None where it is to be deleted.
    not_looked_at: Regions that may have such a resource as well, by the code of why nobody could look.
    """

    result: UnlockResult
    reason: Reason | None = None
    account: AccountReference
    resource: Resource
    policy: str | None
    statements: tuple[StatementVerdict, ...]
    new_policy: str | None = None
    new_statements: tuple[StatementVerdict, ...] = ()
    evidence: EvidenceReference | None = None
    not_looked_at: Mapping[str, str] = field(default_factory=dict)

    @property
    def locks(self) -> bool:
        """Whether a statement surely locks."""
        return any(statement.verdict is LockVerdict.LOCKS for statement in self.statements)

    def outcome(self, asked: UnlockRequest, approved_by: tuple[str, ...], now: datetime) -> PolicyUnlocked:
        """Return the event that tells of a change."""
        return PolicyUnlocked(
            account=self.account,
            resource=self.resource,
            result=PolicyChange(self.result),
            requested_by=asked.request.requested_by,
            request_reason=asked.request.reason,
            approved_by=approved_by,
            evidence=self.evidence,
            statements=self.statements,
            reason=self.reason,
            occurred_at=now,
        )
