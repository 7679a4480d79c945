"""Repairing a resource policy that locks its account out: looked at, kept as evidence, changed, read back."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import structs

from rootwarden.accounts import Account, Directory
from rootwarden.contract.functions import lease
from rootwarden.events import AccountId, MalformedEvent, parse_account_id
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.policies.locks import LockJudge, LockVerdict, StatementVerdict
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, Approvals, RequestRefused, member_account, with_approval
from rootwarden.unlocking.outcome import (
    BegunChanges,
    Evidence,
    EvidenceReference,
    EvidenceStore,
    PolicyChange,
    PolicyHolder,
    PolicyHolders,
    PolicyUnlocked,
    Unlocked,
    UnlockResult,
    from_text,
    in_text,
    is_changed,
    is_same,
)
from rootwarden.unlocking.requests import (
    ResourceKind,
    UnlockAction,
    UnlockRefusal,
    UnlockRequest,
    read_unlock_request,
)

# SQS may take up to a minute, S3 less, until a change is seen everywhere. In seconds.
_WAITS = (1, 2, 4, 8, 15, 30)
# Until then a function may still be at it.
_LEFT_ALONE = lease("unlock_bucket")
_STOPPED = "the function that changed this policy stopped before it could say so"
_IF_MEANT = ", which lockAgain (rootctl: --lock-again) must say is meant"
_DONE = {
    UnlockAction.DELETE: UnlockResult.DELETED,
    UnlockAction.PUT: UnlockResult.REPLACED,
    UnlockAction.RESTORE: UnlockResult.RESTORED,
}


@dataclass(frozen=True, kw_only=True)
class Unlocker:
    """Unlocks buckets, or queues, and announces what was begun and not announced.

    publish raises CallRefused. organization_id: None where it is not known. begun: None where nobody
    announces later what is begun here.
    """

    holders: PolicyHolders
    evidence: EvidenceStore
    begun: BegunChanges | None
    publish: Callable[[Outcome], None]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    organization_id: str | None

    def unlock(self, asked: UnlockRequest, account: Account, approved_by: tuple[str, ...] = ()) -> Unlocked:
        """Do what is asked; raises RequestRefused and CallRefused, both only before anything was changed."""
        saved = self._saved(asked)
        region = asked.region or (saved.resource.region if saved else None)
        found = self.holders.find(account.account_id, asked.wanted, region)
        resource, present = found.holder.resource, found.holder.read()
        if saved and (saved.account_id, saved.resource.arn) != (account.account_id, resource.arn):
            text = f"{asked.evidence} is the policy of {saved.resource} in account {saved.account_id}"
            raise RequestRefused(UnlockRefusal.EVIDENCE, text)
        judge = LockJudge(
            account_id=account.account_id, organization_id=self.organization_id, resource=resource
        )
        wanted = saved.policy if saved else asked.policy
        new_statements = judge.judge(wanted) if wanted is not None else ()
        _must_not_lock(asked, new_statements)
        ending = Unlocked(
            result=UnlockResult.SHOWN if asked.only_looks else UnlockResult.UNCHANGED,
            account=AccountReference.of(account),
            resource=resource,
            policy=present,
            statements=judge.judge(present) if present is not None else (),
            new_policy=wanted,
            new_statements=new_statements,
            not_looked_at=found.not_looked_at,
        )
        if asked.only_looks or is_same(present, wanted):
            return ending
        return self._change(asked, ending, found.holder, wanted, approved_by)

    def _saved(self, asked: UnlockRequest) -> Evidence | None:
        if asked.evidence is None:
            return None
        try:
            return self.evidence.load(asked.evidence)
        except (CallRefused, MalformedEvent) as error:
            text = f"the evidence {asked.evidence} cannot be read: {error}"
            raise RequestRefused(UnlockRefusal.EVIDENCE, text) from error

    def _change(
        self,
        asked: UnlockRequest,
        ending: Unlocked,
        holder: PolicyHolder,
        wanted: str | None,
        approved_by: tuple[str, ...],
    ) -> Unlocked:
        ending = structs.replace(ending, evidence=self._keep(asked, ending))
        meant = structs.replace(ending, result=_DONE[asked.action]).outcome(asked, approved_by, self.clock())
        if self.begun:
            self.begun.add(in_text(meant))
        reason = self._write(holder, wanted, ending.policy)
        ended = structs.replace(
            ending, result=UnlockResult.FAILED if reason else _DONE[asked.action], reason=reason
        )
        try:
            self.publish(ended.outcome(asked, approved_by, self.clock()))
        except CallRefused as refused:
            before = f"{reason.text}; " if reason else ""
            untold = f"{before}no one could be notified ({refused})"
            return structs.replace(ended, reason=Reason(reason.code if reason else "NotAnnounced", untold))
        if self.begun:
            # What stays on record is announced once more, which is better than never.
            with suppress(CallRefused):
                self.begun.remove(in_text(meant))
        return ended

    def _keep(self, asked: UnlockRequest, ending: Unlocked) -> EvidenceReference | None:
        if ending.policy is None:
            return None
        return self.evidence.save(
            Evidence(
                account_id=asked.request.account_id,
                resource=ending.resource,
                policy=ending.policy,
                requested_by=asked.request.requested_by,
                request_reason=asked.request.reason,
                saved_at=self.clock(),
            )
        )

    def _write(self, holder: PolicyHolder, wanted: str | None, before: str | None) -> Reason | None:
        """Change the policy and read it back; say why it is not proven, if it is not."""
        try:
            holder.write(wanted)
            for wait in _WAITS:
                if is_changed(holder.read(), before, to_none=wanted is None):
                    return None
                self.sleep(wait)
            if is_changed(holder.read(), before, to_none=wanted is None):
                return None
        except CallRefused as refused:
            return Reason(refused.code, refused.message)
        text = f"AWS took the change, but {sum(_WAITS)} seconds later another policy is there: look again"
        return Reason("NotReadBack", text)

    def announce_begun(self) -> Answer:
        """Announce every change begun that long ago that nobody works on it.

        Each is said as it is now: done only where the policy shows it, and otherwise failed. Raises
        MalformedEvent and CallRefused, both only when all that can be announced was.
        """
        announced, failures = 0, list[Exception]()
        for text in self.begun.all() if self.begun else ():
            try:
                announced += self._announce(text)
            except (MalformedEvent, CallRefused) as error:
                failures.append(error)
        if failures:
            # What cannot be read is for a person; what was refused comes again.
            raise next((each for each in failures if isinstance(each, MalformedEvent)), failures[0])
        return {"result": "announced" if announced else "nothing_begun", "announced": announced}

    def _announce(self, text: str) -> bool:
        change = from_text(text)
        if change.occurred_at + _LEFT_ALONE > self.clock():
            return False
        self.publish(self._as_it_is(change))
        if self.begun:
            self.begun.remove(text)
        return True

    def _as_it_is(self, change: PolicyUnlocked) -> PolicyUnlocked:
        resource = change.resource
        try:
            account_id = parse_account_id(change.account.account_id or "", "account")
            before = self.evidence.load(change.evidence.key).policy if change.evidence else None
            found = self.holders.find(account_id, resource.name, resource.region)
            is_done = is_changed(found.holder.read(), before, to_none=change.result is PolicyChange.DELETED)
            text = (
                _STOPPED if is_done else f"{_STOPPED}; the change cannot be seen in the policy that is there"
            )
        except (CallRefused, RequestRefused, MalformedEvent) as error:
            is_done, text = False, f"{_STOPPED}; the policy that is there could not be read: {error}"
        return structs.replace(
            change,
            result=change.result if is_done else PolicyChange.FAILED,
            reason=Reason("NotAnnounced", text),
            occurred_at=self.clock(),
        )


def _must_not_lock(asked: UnlockRequest, verdicts: tuple[StatementVerdict, ...]) -> None:
    locks = [verdict for verdict in verdicts if verdict.verdict is LockVerdict.LOCKS]
    doubtful = [verdict for verdict in verdicts if verdict.verdict is LockVerdict.MAY_LOCK]
    restores = asked.action is UnlockAction.RESTORE
    if locks and not (asked.lock_again and restores):
        how = _IF_MEANT if restores else ""
        text = f"the policy would lock again{how}: {locks[0]}: {locks[0].why}"
        raise RequestRefused(UnlockRefusal.WOULD_LOCK, text)
    if doubtful and not asked.lock_again:
        text = f"the policy may lock again{_IF_MEANT}: {doubtful[0]}: {doubtful[0].why}"
        raise RequestRefused(UnlockRefusal.MAY_LOCK, text)


@dataclass(frozen=True, kw_only=True)
class UnlockFunction:
    """Decides whether a request is to be carried out, and has it carried out."""

    kind: ResourceKind
    management_account_id: AccountId
    directory: Directory
    approvals: Approvals
    unlocker: Unlocker

    def handle(self, event: object) -> Answer:
        """Answer a request; raises MalformedEvent, RequestRefused and CallRefused where nothing was done."""
        asked = read_unlock_request(event, self.kind)
        account = member_account(self.directory, asked.request.account_id, self.management_account_id)
        if asked.only_looks:
            return self.unlocker.unlock(asked, account).to_detail()
        request, approved_by = with_approval(self.approvals, asked.request)
        return self.unlocker.unlock(replace(asked, request=request), account, approved_by).to_detail()
