"""Hardening for one event: skipped as a duplicate, or done, published once, and retried."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rootwarden.claims import AlreadyDone, NotedClaims, RetryLater, borrowed, claimed
from rootwarden.contract.configured import Mode
from rootwarden.contract.functions import lease
from rootwarden.events import AccountId
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.announcement import SAID, Announcement, alone_with
from rootwarden.hardening.outcome import (
    HARDENING_REQUEST,
    WINDOW_CLOSED,
    HardeningOutcome,
    PostureMemory,
    PostureRecord,
    Progress,
    Result,
)
from rootwarden.hardening.removal import RECENTLY_USED
from rootwarden.outcomes import Outcome, iso
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, KeepRule

LEASE = lease("harden_account")
REMEMBERED = timedelta(hours=1)
# Longer than from one sweep to the next but one: they are four days apart at most.
_KEPT_FOR_SWEEPS = timedelta(days=10)
# What ends the wait for a hardening after a window, proven or given up: a person's request may as well.
_AFTER_A_WINDOW = frozenset({WINDOW_CLOSED, HARDENING_REQUEST})

# Nothing failed: said as often as what is said changes, at the last attempt as well.
_LEFT = frozenset({Result.SKIPPED, Result.OBSERVED})


class GaveUp(Exception):
    """When the last attempt failed too, as the outcome says: its message belongs in the dead-letter queue."""

    def __init__(self, text: str, outcome: HardeningOutcome) -> None:
        super().__init__(text)
        self.outcome = outcome


@dataclass(frozen=True, kw_only=True)
class HardeningRun:
    """Hardens an account once for all the events that announce it within the hour.

    An observation never stands in for a hardening: only an account that was proven clean needs no second
    look. What was removed stays on record until a final outcome that names it is on the bus, and for the
    outcome's own trigger after that: a run that stops between the two says the same when it is repeated.
    """

    claims: NotedClaims
    hardener: AccountHardener
    publish: Callable[[Outcome], None]
    postures: PostureMemory

    def run(self, announcement: Announcement, *, attempt: int, is_last: bool) -> HardeningOutcome:
        """Harden and say how it ended; raises AlreadyDone, RetryLater, GaveUp and CallRefused."""
        try:
            return self._run(announcement, attempt=attempt, is_last=is_last)
        except AlreadyDone as duplicate:
            joined_at = self._joined_again(announcement, duplicate, is_last=is_last)
            if joined_at is None:
                raise
        return self._run(replace(announcement, rejoined_at=joined_at), attempt=attempt, is_last=is_last)

    def _joined_again(
        self, announcement: Announcement, duplicate: AlreadyDone, *, is_last: bool
    ) -> datetime | None:
        """Return when the account joined again after it was proven; None where it did not."""
        account_id, said_at = announcement.account_id, announcement.joined_by_event_at
        if (
            account_id is None
            or announcement.ignores_recent_result
            or duplicate.until is None
            or said_at is None
        ):
            return None
        proven_at = duplicate.until - REMEMBERED
        # Only what was said of a later time can be of another time. Organizations is not asked for the rest.
        if said_at <= proven_at:
            return None
        account = self.hardener.organization.describe(account_id)
        if account is None and not is_last:
            raise RetryLater(f"{duplicate}, and Organizations does not know it now: it may be about to join")
        # When it was proven is known to the second.
        joined_at = account.joined_at.replace(microsecond=0) if account and account.joined_at else None
        return joined_at if joined_at and joined_at > proven_at else None

    def _run(self, announcement: Announcement, *, attempt: int, is_last: bool) -> HardeningOutcome:
        key = announcement.work
        with claimed(self.claims, key, lease=LEASE, remember=REMEMBERED) as held:
            outcome = self._harden_alone(announcement, attempt=attempt, is_last=is_last)
            text = f"{outcome.account} is {outcome.result}"
            if outcome.will_retry:
                raise RetryLater(f"{text}: {why(outcome)}")
            failed = outcome.result in {Result.PARTIAL, Result.UNREACHABLE}
            if is_last and failed and not outcome.needs_a_person:
                raise GaveUp(f"{text} after {attempt} attempts: {why(outcome)}", outcome)
            if not outcome.is_proven:
                held.remember = timedelta(0)
        return outcome

    def _harden_alone(self, announcement: Announcement, *, attempt: int, is_last: bool) -> HardeningOutcome:
        account_id = announcement.account_id
        alone = borrowed(self.claims, alone_with(account_id), lease=LEASE) if account_id else nullcontext()
        with alone:
            memory, trigger = self.hardener.memory, announcement.trigger
            progress = memory.unreported(account_id, trigger) if account_id else Progress()
            outcome = self.hardener.harden(announcement, progress, attempt=attempt, is_last=is_last)
            if account_id and announcement.trigger.is_sweep:
                self._say_what_is_other(account_id, outcome)
            else:
                self._say(announcement.work, outcome, is_last=is_last)
            if account_id:
                is_settled = _settles(announcement, outcome)
                self._keep(account_id, progress, outcome, is_settled=is_settled, may_repeat=not is_last)
        return outcome

    def _keep(
        self,
        account_id: AccountId,
        progress: Progress,
        outcome: HardeningOutcome,
        *,
        is_settled: bool,
        may_repeat: bool,
    ) -> None:
        memory, account = self.hardener.memory, outcome.account
        if record := PostureRecord.of(account, outcome.after, outcome.result, outcome.occurred_at):
            self.postures.save(record)
        rule = self.hardener.rule(is_window_end=outcome.trigger.is_window_end)
        done = _progress_after(progress, outcome, rule)
        if not outcome.will_retry and outcome.trigger.event_name in _AFTER_A_WINDOW:
            memory.window_is_hardened(account_id)
        if is_settled and (progress or done or outcome.failures):
            memory.reported(account_id, outcome.trigger, done, may_repeat=may_repeat)
        elif not is_settled and done != progress and done:
            memory.remember(account_id, done)

    def _say(self, key: str, outcome: HardeningOutcome, *, is_last: bool) -> None:
        if outcome.is_proven or (is_last and outcome.result not in _LEFT):
            self.publish(outcome)
            return
        # Attempts that fail alike, and the up to three events that announce one account, say it once.
        said = f"{key}#{_in_short(outcome)}"
        with (
            suppress(AlreadyDone),
            claimed(self.claims, f"SAID#{said}", lease=LEASE, remember=REMEMBERED),
        ):
            self.publish(outcome)

    def _say_what_is_other(self, account_id: AccountId, outcome: HardeningOutcome) -> None:
        """Say what was removed, and what is other than when a sweep last said something of the account.

        The account is held alone meanwhile.
        """
        key, said = f"{account_id}#{SAID}", _in_short(outcome)
        touched = outcome.removed or outcome.may_have_been_removed
        if outcome.is_proven or touched or not self._is_as_noted(account_id, key, said):
            self.publish(outcome)
        self.claims.keep_note(key, f"{iso(outcome.occurred_at)} {said}", keep=_KEPT_FOR_SWEEPS)

    def _is_as_noted(self, account_id: AccountId, key: str, said: str) -> bool:
        noted_at, _, noted = (self.claims.noted(key) or "").partition(" ")
        if noted != said:
            return False
        # Whoever looked since left no note: the account may have been clean, exempt or in a window.
        last = self.postures.last(account_id)
        return last is None or last.seen_at <= datetime.fromisoformat(noted_at)


def _in_short(outcome: HardeningOutcome) -> str:
    """Return what makes an outcome another than the one before."""
    codes = [outcome.reason.code if outcome.reason else ""]
    codes += sorted(f"{failure.kind}:{failure.identifier}:{failure.code}" for failure in outcome.failures)
    if not outcome.will_retry:
        named = outcome.removed | outcome.may_have_been_removed | outcome.would_remove
        codes += sorted(found.identifier for found in named)
    return "#".join([outcome.result, str(outcome.will_retry), *codes])


def _settles(announcement: Announcement, outcome: HardeningOutcome) -> bool:
    # An observation by the way names what attempts removed, and takes it from none of them.
    is_only_observation = outcome.mode is Mode.OBSERVE and not announcement.ignores_recent_result
    return not outcome.will_retry and not is_only_observation


def _progress_after(progress: Progress, outcome: HardeningOutcome, rule: KeepRule) -> Progress:
    return Progress(
        before=outcome.before or progress.before,
        tried=outcome.may_have_been_removed | _refused(outcome, rule),
        removed=outcome.removed,
        last_used=outcome.last_used,
    )


def _refused(outcome: HardeningOutcome, rule: KeepRule) -> frozenset[Credential]:
    """Return what was refused to be deleted: it may have worked though the answer was lost."""
    if outcome.result is Result.OBSERVED:
        return frozenset()
    codes = {Credential(f.kind, f.identifier): f.code for f in outcome.failures if f.identifier}
    if PASSWORD in codes:
        # MFA devices stay as long as the password does: no deletion of them was tried.
        codes = {each: code for each, code in codes.items() if each.kind is not CredentialKind.MFA_DEVICE}
    # What is in use stays, and so does what nobody could say that of.
    known = {use.credential for use in outcome.last_used}
    return frozenset(
        each
        for each, code in codes.items()
        if code != RECENTLY_USED and (each in known or not rule.asks_about(each))
    )


def why(outcome: HardeningOutcome) -> str:
    """Say in one line what kept an account from being hardened."""
    if outcome.reason:
        return f"{outcome.reason.code}: {outcome.reason.text}"
    named = ((Credential(f.kind, f.identifier or f.kind), f.code) for f in outcome.failures)
    return "; ".join(f"{credential}: {code}" for credential, code in named)
