"""The outcome event `Resource Policy Unlock`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from lambdas.domain.event_fields import Fields
from lambdas.domain.hardening.outcome import Reason
from lambdas.domain.outcomes import VERSION, AccountReference, iso
from lambdas.domain.policies.verdicts import StatementVerdict
from lambdas.domain.unlocking.evidence import EvidenceReference
from lambdas.domain.unlocking.resource import Resource


class PolicyChange(StrEnum):
    """What became of a policy; all but failed were proven by reading back."""

    DELETED = "deleted"
    REPLACED = "replaced"
    RESTORED = "restored"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class PolicyUnlocked:
    """A policy was changed, or may have been where it failed. evidence: None where there was none before.

    statements: what the policy that was there before meant.
    """

    detail_type: ClassVar[str] = "Resource Policy Unlock"

    account: AccountReference
    resource: Resource
    result: PolicyChange
    requested_by: str
    request_reason: str
    approved_by: tuple[str, ...]
    evidence: EvidenceReference | None
    statements: tuple[StatementVerdict, ...]
    reason: Reason | None
    occurred_at: datetime

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        return {
            "version": VERSION,
            "account": self.account.to_detail(),
            "resource": self.resource.to_detail(),
            "result": self.result.value,
            "requestedBy": self.requested_by,
            "requestReason": self.request_reason,
            "approvedBy": list(self.approved_by),
            "evidence": self.evidence.to_detail() if self.evidence else None,
            "statements": [statement.to_detail() for statement in self.statements],
            "reason": self.reason.to_detail() if self.reason else None,
            "occurredAt": iso(self.occurred_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        evidence, reason = fields.optional_object("evidence"), fields.optional_object("reason")
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            resource=Resource.from_detail(fields.object("resource")),
            result=fields.choice(PolicyChange, "result"),
            requested_by=fields.text("requestedBy"),
            request_reason=fields.text("requestReason"),
            approved_by=fields.optional_texts("approvedBy") or (),
            evidence=EvidenceReference.from_detail(evidence) if evidence else None,
            statements=tuple(StatementVerdict.from_detail(each) for each in fields.objects("statements")),
            reason=Reason(reason.text("code"), reason.optional_text("text") or "") if reason else None,
            occurred_at=fields.time("occurredAt"),
        )
