"""Hardening an account because a person asks for it, or only saying what that would remove."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from rootwarden.accounts import Account, Directory
from rootwarden.claims import RetryLater
from rootwarden.contract.configured import Mode
from rootwarden.contract.detail_types import SOURCE
from rootwarden.events import AccountId
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.outcome import HARDENING_REQUEST, HardeningOutcome, Reason, Trigger
from rootwarden.hardening.removal import RECENTLY_USED, Preview, preview
from rootwarden.hardening.run import GaveUp, HardeningRun
from rootwarden.outcomes import AccountReference, Outcome, iso
from rootwarden.refusals import CallRefused
from rootwarden.requests import (
    OBSERVES_ONLY,
    Answer,
    RefusalCode,
    Request,
    RequestRefused,
    flag,
    member_account,
)
from rootwarden.root_credentials import Credential, Posture, removal_order

ACCOUNT_BUSY = "AccountBusy"


@dataclass(frozen=True, kw_only=True)
class HardeningRequests:
    """Answers requests to harden. A dry run says what a hardening would remove, and whether it may."""

    directory: Directory
    management_account_id: AccountId
    run: HardeningRun
    clock: Callable[[], datetime]

    def answer(self, request: Request, request_id: str) -> Answer:
        """Harden the account, or say why not; raises MalformedEvent, RequestRefused and CallRefused."""
        also_in_use = flag(request.fields, "removeRecentlyUsed")
        account = member_account(self.directory, request.account_id, self.management_account_id)
        hardener = self.run.hardener
        if also_in_use:
            hardener = replace(hardener, keep_used_within_days=0)
        run = replace(self.run, hardener=hardener)
        if request.dry_run:
            may_remove = hardener.modes.may_enforce
            return {**self._preview(run, account), "hindrance": None if may_remove else OBSERVES_ONLY}
        if not hardener.modes.may_enforce:
            raise RequestRefused(RefusalCode.OBSERVES_ONLY, OBSERVES_ONLY)
        return _hardened(run, request, request_id).to_detail()

    def _preview(self, run: HardeningRun, account: Account) -> Answer:
        skip = run.hardener.skip_for(account)
        if skip:
            return _answer("skipped", account, reason=Reason(skip.reason.value, skip.text))
        try:
            session = run.hardener.sessions.audit(account.account_id)
            before = session.posture()
        except CallRefused as refused:
            return _answer("unreachable", account, reason=Reason(refused.code, refused.message))
        found = preview(session, before, run.hardener.rule())
        if unseen := [failure for failure in found.stays if failure.code != RECENTLY_USED]:
            text = ", ".join(f"{failure.kind}: {failure.message}" for failure in unseen)
            return _answer("unreachable", account, before, found, Reason(unseen[0].code, text))
        return _answer("clean" if before.is_clean else "would_remove", account, before, found)


def _hardened(run: HardeningRun, request: Request, request_id: str) -> HardeningOutcome:
    trigger = Trigger(
        event_id=request_id,
        event_name=HARDENING_REQUEST,
        source=SOURCE,
        requested_by=request.requested_by,
        request_reason=request.reason,
    )
    announcement = Announcement(
        trigger=trigger, account_id=request.account_id, mode=Mode.ENFORCE, ignores_recent_result=True
    )
    untold: list[Outcome] = []

    def publish(outcome: Outcome) -> None:
        untold.append(outcome)
        run.publish(outcome)
        untold.clear()

    try:
        return replace(run, publish=publish).run(announcement, attempt=1, is_last=True)
    except CallRefused as refused:
        # The person is the only one who may hear of it.
        raise CallRefused(refused.code, f"{refused.message}{_unsaid(untold)}") from refused
    except GaveUp as gave_up:
        return gave_up.outcome
    except RetryLater as busy:
        text = "the account is being hardened, or its recovery window opened; ask again in three minutes"
        raise RequestRefused(ACCOUNT_BUSY, text) from busy


def _unsaid(outcomes: Iterable[Outcome]) -> str:
    """Return what outcomes that were not published say is gone."""
    hardened = [each for each in outcomes if isinstance(each, HardeningOutcome)]
    removed = frozenset[Credential]().union(*(each.removed for each in hardened))
    perhaps = frozenset[Credential]().union(*(each.may_have_been_removed for each in hardened)) - removed
    said = (("removed", removed), ("perhaps removed", perhaps))
    return "".join(
        f"; {how}, and announced to nobody yet: {', '.join(map(str, sorted(which, key=removal_order)))}"
        for how, which in said
        if which
    )


def _answer(
    result: str,
    account: Account,
    before: Posture | None = None,
    found: Preview | None = None,
    reason: Reason | None = None,
) -> Answer:
    found = found or Preview()
    kept = {Credential(each.kind, each.identifier): each.message for each in found.stays if each.identifier}
    used = {each.credential: iso(each.at) if each.at else None for each in found.last_used}
    return {
        "result": result,
        "reason": {"code": reason.code, "text": reason.text} if reason else None,
        "account": AccountReference.of(account).to_detail(),
        "before": before.to_detail() if before else None,
        "credentials": [
            {
                "kind": credential.kind.value,
                "id": credential.identifier,
                "kept": kept.get(credential),
                # Left out where it is not known, null where it was never used.
                **({"lastUsed": used[credential]} if credential in used else {}),
            }
            for credential in sorted(found.found, key=removal_order)
        ],
    }
