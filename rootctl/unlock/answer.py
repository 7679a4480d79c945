"""What became of a policy, read from an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from lambdas.domain.event_fields import Fields
from lambdas.domain.hardening.outcome import Reason
from lambdas.domain.outcomes import AccountReference
from lambdas.domain.policies.verdicts import StatementVerdict, Verdict
from lambdas.domain.unlocking.evidence import EvidenceReference
from lambdas.domain.unlocking.resource import Resource
from lambdas.domain.unlocking.unlocked import UnlockResult
from rootctl.exit_codes import Exit


@dataclass(frozen=True, kw_only=True)
class PolicyAnswer:
    """One answer; detail is all of it, as it came."""

    result: UnlockResult
    account: AccountReference
    resource: Resource
    policy: str | None
    statements: tuple[StatementVerdict, ...]
    evidence: EvidenceReference | None
    not_looked_at: Mapping[str, str]
    reason: Reason | None
    detail: Mapping[str, object]

    @classmethod
    def read(cls, answer: Fields) -> Self:
        """Read an answer; raises MalformedEvent."""
        evidence, reason = answer.optional_object("evidence"), answer.optional_object("reason")
        missed = answer.optional_object("notLookedAt")
        regions = missed.value if missed and isinstance(missed.value, Mapping) else {}
        return cls(
            result=answer.choice(UnlockResult, "result"),
            account=AccountReference.from_detail(answer.object("account")),
            resource=Resource.from_detail(answer.object("resource")),
            policy=answer.optional_text("policy"),
            statements=tuple(map(StatementVerdict.from_detail, answer.objects("statements"))),
            evidence=EvidenceReference.from_detail(evidence) if evidence else None,
            not_looked_at={str(region): str(code) for region, code in regions.items()},
            reason=Reason(reason.text("code"), reason.optional_text("text") or "") if reason else None,
            detail=dict(answer.value) if isinstance(answer.value, Mapping) else {},
        )

    @property
    def locks(self) -> bool:
        """Whether a statement surely locks."""
        return any(statement.verdict is Verdict.LOCKS for statement in self.statements)

    @property
    def exit(self) -> Exit:
        """How the command ends."""
        if self.result is UnlockResult.FAILED or self.reason:
            return Exit.FAILED
        return Exit.FINDINGS if self.result is UnlockResult.SHOWN and self.locks else Exit.DONE
