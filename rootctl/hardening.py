"""Hardening many accounts for an operator: by the hub or directly, several at once, and how each ended."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from msgspec import structs

from rootctl.accounts import OrganizationAccounts
from rootctl.aws import AwsSession, may_have_acted
from rootctl.direct import KeepsNothing, RootAccess, by_this_machine, publish_nothing
from rootctl.errors import Exit, Hindered, WrongUsage, worst
from rootctl.failures import may_not_ask
from rootctl.hub import FunctionFailed
from rootctl.parallel import at_once
from rootctl.printed_commands import complete
from rootctl.requests import Answerer, Request, accepted
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.events import AccountId, Fields
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.outcome import HardeningOutcome, Reason, Result
from rootwarden.hardening.removal import RECENTLY_USED
from rootwarden.hardening.request import HardeningRequests
from rootwarden.hardening.run import HardeningRun
from rootwarden.outcomes import AccountReference, utc_now
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, read_request
from rootwarden.root_credentials import Credential, CredentialKind, LastUse, Posture, in_order, removal_order


def direct_hardening(session: AwsSession) -> Answerer:
    """Return what answers requests to harden; raises CallRefused."""
    organization = OrganizationAccounts.of(session)
    directory = OrganizationsDirectory(organization.client)
    sessions = RootAccess(session).sessions()
    nothing = KeepsNothing()
    hardener = AccountHardener(organization=directory, sessions=sessions, memory=nothing, clock=utc_now)
    requests = HardeningRequests(
        directory=directory,
        management_account_id=organization.management_account_id,
        run=HardeningRun(claims=nothing, hardener=hardener, publish=publish_nothing, postures=nothing),
        clock=utc_now,
    )

    def handle(request: Mapping[str, object]) -> Answer:
        return requests.answer(read_request(request), f"rootctl-{uuid.uuid4()}")

    return by_this_machine(handle)


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
    """A credential that stays, and why. identifier: None where a kind could not be listed.

    is_in_use: it was used lately, and would go if that were said.
    """

    kind: CredentialKind
    identifier: str | None
    why: str
    is_in_use: bool = False


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One account. credentials: those removed, or to be removed. left_for_a_person: on purpose.

    hindrance: why what was previewed cannot be done. may_have_been_removed: by an attempt that stopped, and
    nothing proves it.
    """

    account: AccountReference
    how: How
    credentials: tuple[Credential, ...] = ()
    may_have_been_removed: tuple[Credential, ...] = ()
    left: tuple[Left, ...] = ()
    last_used: tuple[LastUse, ...] = ()
    before: Posture | None = None
    after: Posture | None = None
    reason: Reason | None = None
    left_for_a_person: bool = False
    hindrance: str | None = None

    @property
    def exit(self) -> Exit:
        """How the command ends because of this account."""
        if self.how is How.PARTIAL and self.left_for_a_person:
            return Exit.FINDINGS
        return _EXITS.get(self.how, Exit.FAILED)

    @property
    def to_be_removed(self) -> tuple[Credential, ...]:
        """What a preview says would go."""
        return self.credentials if self.how is How.WOULD_REMOVE else ()

    @property
    def removed(self) -> tuple[Credential, ...]:
        """What went."""
        return () if self.how is How.WOULD_REMOVE else self.credentials

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form. A posture of null: not known."""
        return {
            "account": self.account.to_detail(),
            "result": self.how.value,
            "before": self.before.to_detail() if self.before else None,
            "after": self.after.to_detail() if self.after else None,
            "removed": _details(self.removed),
            "mayHaveBeenRemoved": _details(self.may_have_been_removed),
            "toBeRemoved": _details(self.to_be_removed),
            "left": [{"kind": each.kind.value, "id": each.identifier, "why": each.why} for each in self.left],
            "lastUsed": [each.to_detail() for each in self.last_used],
            "reason": {"code": self.reason.code, "text": self.reason.text} if self.reason else None,
        }

    @classmethod
    def without(cls, account: AccountReference, how: How, reason: Reason | None = None) -> Self:
        """Return the ending of an account that was not finished, or not begun."""
        return cls(account=account, how=how, reason=reason)


def previewed(answer: Fields) -> Ending:
    """Read what a dry run says; raises MalformedEvent."""
    before = answer.optional_object("before")
    listed = [(_credential(each), each.optional_text("kept")) for each in answer.objects("credentials")]
    goes = tuple(credential for credential, kept in listed if kept is None)
    how = answer.choice(How, "result")
    # Where another reason keeps something, a dry run calls the account unreachable.
    in_use = how is How.WOULD_REMOVE
    stays = tuple(Left(found.kind, found.identifier, kept, in_use) for found, kept in listed if kept)
    # All that is there stays for a person to decide about: there is nothing to remove.
    only_left = how is How.WOULD_REMOVE and not goes and bool(stays)
    return Ending(
        account=AccountReference.from_detail(answer.object("account")),
        how=How.PARTIAL if only_left else how,
        credentials=goes,
        left=stays,
        last_used=tuple(filter(None, map(_last_use, answer.objects("credentials")))),
        before=Posture.from_detail(before) if before else None,
        reason=_reason(answer),
        left_for_a_person=only_left,
        hindrance=answer.optional_text("hindrance"),
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
        may_have_been_removed=tuple(sorted(outcome.may_have_been_removed, key=removal_order)),
        left=tuple(
            Left(each.kind, each.identifier, each.message or each.code, each.code == RECENTLY_USED)
            for each in outcome.failures
        ),
        last_used=tuple(in_order(outcome.last_used)),
        before=outcome.before,
        after=outcome.after,
        reason=outcome.reason,
        left_for_a_person=outcome.needs_a_person,
    )


def _details(credentials: Iterable[Credential]) -> list[dict[str, str]]:
    return [{"kind": each.kind.value, "id": each.identifier} for each in credentials]


def _credential(fields: Fields) -> Credential:
    return Credential(fields.choice(CredentialKind, "kind"), fields.text("id"))


def _last_use(fields: Fields) -> LastUse | None:
    """Return when a credential was last used; None where it is not known, which is not never."""
    if not isinstance(fields.value, Mapping) or "lastUsed" not in fields.value:
        return None
    found = _credential(fields)
    at = fields.time("lastUsed") if fields.has("lastUsed") else None
    return LastUse(found.kind, found.identifier, at)


def _reason(answer: Fields) -> Reason | None:
    reason = answer.optional_object("reason")
    return Reason(reason.text("code"), reason.optional_text("text") or "") if reason else None


# Each of them makes some dozen calls; a member account's own IAM quota is what limits it.
_THREADS = 8
_LEFT = Reason("Interrupted", "it was begun, and was not waited for: audit the account")


@dataclass(frozen=True)
class Hardening:
    """Asks for each account; request: what every request says.

    goes_on: with the other accounts where one cannot be looked into; else that stops the command.
    """

    answer: Answerer
    request: Request
    goes_on: bool = False

    def preview(self, accounts: Sequence[AccountId]) -> list[Ending]:
        """Say what would be removed; raises what stops the command before anything was changed."""
        results = at_once(accounts, self._preview, threads=_THREADS, description="Looking into accounts")
        return list(map(_completed, results.seen().values()))

    def harden(self, previews: Iterable[Ending]) -> list[Ending]:
        """Harden the accounts that have something to remove; the others end as they were seen."""
        ended = {preview.account: preview for preview in previews}
        to_do = [account for account, preview in ended.items() if preview.how is How.WOULD_REMOVE]
        results = at_once(to_do, self._harden, threads=_THREADS, description="Hardening accounts")
        ended |= {account: _completed(ending) for account, ending in results.done.items()}
        ended |= {account: Ending.without(account, How.UNKNOWN, _LEFT) for account in results.unfinished}
        ended |= {account: Ending.without(account, How.NOT_BEGUN) for account in results.not_begun}
        return list(ended.values())

    def _preview(self, account_id: AccountId) -> Ending:
        try:
            return previewed(accepted(self._ask(account_id, dry_run=True)))
        except (CallRefused, FunctionFailed, WrongUsage) as error:
            if not self.goes_on or (isinstance(error, CallRefused) and may_not_ask(error)):
                raise
            code = error.code if isinstance(error, CallRefused) else type(error).__name__
            text = error.message if isinstance(error, CallRefused) else str(error)
            return Ending.without(
                AccountReference(account_id=account_id), How.UNREACHABLE, Reason(code, text)
            )

    def _harden(self, account: AccountReference) -> Ending:
        try:
            return hardened(accepted(self._ask(account.account_id, dry_run=False)))
        except CallRefused as refused:
            return Ending.without(account, How.UNKNOWN, Reason(refused.code, _said(refused, account)))
        except FunctionFailed as failed:
            return Ending.without(account, How.UNKNOWN, Reason(type(failed).__name__, str(failed)))
        except (WrongUsage, Hindered) as refusal:
            return Ending.without(account, How.SKIPPED, Reason("Refused", str(refusal)))
        except Exception as error:  # noqa: BLE001 - what became of the others must still be said
            return Ending.without(account, How.UNKNOWN, Reason(type(error).__name__, str(error)))

    def _ask(self, account_id: AccountId | None, *, dry_run: bool) -> Fields:
        return self.answer({**self.request, "account": account_id, "dryRun": dry_run})


def _completed(ending: Ending) -> Ending:
    """Have the commands of its reason ask as this one was asked, which the threads do not know."""
    reason = ending.reason and structs.replace(ending.reason, text=complete(ending.reason.text))
    return replace(ending, reason=reason)


def _said(refused: CallRefused, account: AccountReference) -> str:
    if not may_have_acted(refused):
        return refused.message
    look = f"rootctl audit {account.account_id} shows it"
    return f"{refused.message.rstrip('. ')}. It is not known what was done: {look}"


def check_allowed(endings: Iterable[Ending]) -> None:
    """Check that what a preview says would go may go; raises Hindered where the hub only observes."""
    for ending in endings:
        if ending.hindrance and ending.to_be_removed:
            raise Hindered(f"{ending.hindrance[:1].upper()}{ending.hindrance[1:]}. Nothing was done.")


def exit_of(endings: Iterable[Ending]) -> Exit:
    """Return how the command ends."""
    found = list(endings)
    interrupted = any(ending.how is How.NOT_BEGUN or ending.reason is _LEFT for ending in found)
    return worst([ending.exit for ending in found] + ([Exit.INTERRUPTED] if interrupted else []))
