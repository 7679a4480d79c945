"""How it ended with one account: proven, or with what is left and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from lambdas.domain.event_fields import Fields
from lambdas.domain.hardening.outcome import HardeningOutcome, Reason, Result
from lambdas.domain.hardening.removal import removal_order
from lambdas.domain.outcomes import AccountReference
from lambdas.domain.root_credentials import Credential, CredentialKind, Posture
from rootctl.exit_codes import Exit


class How(StrEnum):
    """How it ended. Only clean and hardened were proven by reading back."""

    CLEAN = "clean"
    HARDENED = "hardened"
    WOULD_REMOVE = "would_remove"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    NOT_BEGUN = "not_begun"


_EXITS = {
    How.CLEAN: Exit.DONE,
    How.HARDENED: Exit.DONE,
    How.WOULD_REMOVE: Exit.FINDINGS,
}


@dataclass(frozen=True)
class Left:
    """A credential that stays, and why. identifier: None where a kind could not be listed."""

    kind: CredentialKind
    identifier: str | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One account. credentials: those removed, or to be removed. left_for_a_person: on purpose."""

    account: AccountReference
    how: How
    credentials: tuple[Credential, ...] = ()
    left: tuple[Left, ...] = ()
    before: Posture | None = None
    after: Posture | None = None
    reason: Reason | None = None
    left_for_a_person: bool = False

    @property
    def exit(self) -> Exit:
        """How the command ends because of this account."""
        if self.how is How.PARTIAL and self.left_for_a_person:
            return Exit.FINDINGS
        return _EXITS.get(self.how, Exit.FAILED)

    @classmethod
    def without(cls, account: AccountReference, how: How, reason: Reason | None = None) -> Self:
        """Return the ending of an account nobody could finish, or begin."""
        return cls(account=account, how=how, reason=reason)


def previewed(answer: Fields) -> Ending:
    """Read what a dry run says; raises MalformedEvent."""
    before = answer.optional_object("before")
    listed = [(_credential(each), each.optional_text("kept")) for each in answer.objects("credentials")]
    return Ending(
        account=AccountReference.from_detail(answer.object("account")),
        how=answer.choice(How, "result"),
        credentials=tuple(credential for credential, kept in listed if kept is None),
        left=tuple(Left(found.kind, found.identifier, kept) for found, kept in listed if kept),
        before=Posture.from_detail(before) if before else None,
        reason=_reason(answer),
    )


def hardened(answer: Fields) -> Ending:
    """Read how a hardening ended; raises MalformedEvent, also where it claims what it does not show."""
    outcome = HardeningOutcome.from_detail(answer)
    proven = outcome.after is not None and outcome.after.is_clean
    if outcome.result in {Result.CLEAN, Result.HARDENED} and not proven:
        how = How.UNKNOWN
    else:
        how = How(outcome.result.value)
    return Ending(
        account=outcome.account,
        how=how,
        credentials=tuple(sorted(outcome.removed, key=removal_order)),
        left=tuple(Left(each.kind, each.identifier, each.message or each.code) for each in outcome.failures),
        before=outcome.before,
        after=outcome.after,
        reason=outcome.reason,
        left_for_a_person=outcome.needs_a_person,
    )


def _credential(fields: Fields) -> Credential:
    return Credential(fields.choice(CredentialKind, "kind"), fields.text("id"))


def _reason(answer: Fields) -> Reason | None:
    reason = answer.optional_object("reason")
    return Reason(reason.text("code"), reason.optional_text("text") or "") if reason else None
