"""Repairing a resource policy that locks its account out: looked at, kept as evidence, changed, read back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from rootwarden.accounts import Account, AccountId, Directory
from rootwarden.approval.approvals import Approvals, with_approval
from rootwarden.event_fields import MalformedEvent
from rootwarden.hardening.outcome import Reason
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.policies.locks import LockJudge, StatementVerdict, Verdict
from rootwarden.requests import Answer, RequestRefused, member_account
from rootwarden.unlocking.evidence import Evidence, EvidenceReference, EvidenceStore
from rootwarden.unlocking.outcome import Unlocked, UnlockResult
from rootwarden.unlocking.requests import (
    Resource,
    ResourceKind,
    UnlockAction,
    UnlockRefusal,
    UnlockRequest,
    read_unlock_request,
)

# SQS may take up to a minute, S3 less, until a change is seen everywhere. In seconds.
_WAITS = (1, 2, 4, 8, 15, 30)
_DONE = {
    UnlockAction.DELETE: UnlockResult.DELETED,
    UnlockAction.PUT: UnlockResult.REPLACED,
    UnlockAction.RESTORE: UnlockResult.RESTORED,
}


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


@dataclass(frozen=True, kw_only=True)
class Unlocker:
    """Unlocks buckets, or queues. publish raises CallRefused; organization_id: None where it is not known."""

    holders: PolicyHolders
    evidence: EvidenceStore
    publish: Callable[[Outcome], None]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    organization_id: str | None

    def unlock(self, asked: UnlockRequest, account: Account, approved_by: tuple[str, ...] = ()) -> Unlocked:
        """Do what is asked; raises RequestRefused and CallRefused, both only before anything was changed."""
        saved = self._saved(asked)
        found = self.holders.find(account.account_id, asked.wanted, asked.region)
        resource, present = found.holder.resource, found.holder.read()
        if saved and (saved.account_id, saved.resource.arn) != (account.account_id, resource.arn):
            text = f"{asked.evidence} is the policy of {saved.resource} in account {saved.account_id}"
            raise RequestRefused(UnlockRefusal.EVIDENCE, text)
        judge = LockJudge(
            account_id=account.account_id, organization_id=self.organization_id, resource=resource
        )
        wanted = saved.policy if saved else asked.policy
        if wanted is not None:
            _must_not_lock(asked, judge.judge(wanted))
        ending = Unlocked(
            result=UnlockResult.SHOWN if asked.only_looks else UnlockResult.UNCHANGED,
            account=AccountReference.of(account),
            resource=resource,
            policy=present,
            statements=judge.judge(present) if present is not None else (),
            not_looked_at=found.not_looked_at,
        )
        if asked.only_looks or _is_same(present, wanted):
            return ending
        return self._change(asked, ending, found.holder, wanted, approved_by)

    def _saved(self, asked: UnlockRequest) -> Evidence | None:
        if asked.evidence is None:
            return None
        try:
            return self.evidence.load(asked.evidence)
        except (CallRefused, MalformedEvent) as error:
            text = f"{asked.evidence} cannot be read: {error}"
            raise RequestRefused(UnlockRefusal.EVIDENCE, text) from error

    def _change(
        self,
        asked: UnlockRequest,
        ending: Unlocked,
        holder: PolicyHolder,
        wanted: str | None,
        approved_by: tuple[str, ...],
    ) -> Unlocked:
        ending = replace(ending, evidence=self._keep(asked, ending))
        reason = self._write(holder, wanted, ending.policy)
        ended = replace(ending, result=UnlockResult.FAILED if reason else _DONE[asked.action], reason=reason)
        try:
            self.publish(ended.outcome(asked, approved_by, self.clock()))
        except CallRefused as refused:
            before = f"{reason.text}; " if reason else ""
            untold = f"{before}no one could be notified ({refused})"
            return replace(ended, reason=Reason(reason.code if reason else "NotAnnounced", untold))
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
                if _is_there(holder.read(), wanted, before):
                    return None
                self.sleep(wait)
            if _is_there(holder.read(), wanted, before):
                return None
        except CallRefused as refused:
            return Reason(refused.code, refused.message)
        text = f"AWS took the change, but {sum(_WAITS)} seconds later another policy is there: look again"
        return Reason("NotReadBack", text)


def _must_not_lock(asked: UnlockRequest, verdicts: tuple[StatementVerdict, ...]) -> None:
    locks = [verdict for verdict in verdicts if verdict.verdict is Verdict.LOCKS]
    doubtful = [verdict for verdict in verdicts if verdict.verdict is Verdict.MAY_LOCK]
    if locks and not (asked.lock_again and asked.action is UnlockAction.RESTORE):
        text = f"the policy would lock again: {locks[0]}: {locks[0].why}"
        raise RequestRefused(UnlockRefusal.WOULD_LOCK, text)
    if doubtful and not asked.lock_again:
        text = f"the policy may lock again, so lockAgain must say true: {doubtful[0]}: {doubtful[0].why}"
        raise RequestRefused(UnlockRefusal.MAY_LOCK, text)


def _is_there(now: str | None, wanted: str | None, before: str | None) -> bool:
    # AWS gives policies back in its own words, so what was put is known by what it replaced.
    return now is None if wanted is None else now is not None and not _is_same(now, before)


def _is_same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return one == other


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
            return self.unlocker.unlock(asked, account).to_answer()
        request, approved_by = with_approval(self.approvals, asked.request)
        return self.unlocker.unlock(replace(asked, request=request), account, approved_by).to_answer()
