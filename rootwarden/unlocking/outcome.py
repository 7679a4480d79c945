"""The outcome event `Resource Policy Unlock`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from rootwarden.activity.root_activity import Severity
from rootwarden.contract.detail_types import RESOURCE_POLICY_UNLOCK
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import AccountReference, Outcome, Time
from rootwarden.policies.locks import StatementVerdict
from rootwarden.requests import Answer
from rootwarden.unlocking.policy_holders import EvidenceReference
from rootwarden.unlocking.requests import Resource, UnlockRequest


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


class UnlockResult(StrEnum):
    """How a request about a policy ended."""

    SHOWN = "shown"
    UNCHANGED = "unchanged"
    DELETED = PolicyChange.DELETED.value
    REPLACED = PolicyChange.REPLACED.value
    RESTORED = PolicyChange.RESTORED.value
    FAILED = PolicyChange.FAILED.value


@dataclass(frozen=True, kw_only=True)
class Unlocked:
    """How it ended. policy, statements: as the policy was before anything was changed.

    not_looked_at: Regions that may have such a resource as well, by the code of why nobody could look.
    """

    result: UnlockResult
    account: AccountReference
    resource: Resource
    policy: str | None
    statements: tuple[StatementVerdict, ...]
    evidence: EvidenceReference | None = None
    reason: Reason | None = None
    not_looked_at: Mapping[str, str] = field(default_factory=dict)

    def to_answer(self) -> Answer:
        """Return the JSON form."""
        return {
            "result": self.result.value,
            "reason": {"code": self.reason.code, "text": self.reason.text} if self.reason else None,
            "account": self.account.to_detail(),
            "resource": self.resource.to_detail(),
            "policy": self.policy,
            "statements": [statement.to_detail() for statement in self.statements],
            "evidence": self.evidence.to_detail() if self.evidence else None,
            "notLookedAt": dict(self.not_looked_at),
        }

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
