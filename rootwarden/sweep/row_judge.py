"""What becomes of an account a sweep looks at, and what earlier attempts removed and no outcome has named.

A worker that stops after deleting leaves accounts that look clean to the next; the record knows better.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from rootwarden.accounts import KNOWN_STATES, Account, AccountState, Directory
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.configured import Exemption, Mode, find_exemption
from rootwarden.contract.detail_types import SOURCE
from rootwarden.events import AccountId
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.outcome import SWEEP, HardeningOutcome, Progress, Result, Trigger
from rootwarden.hardening.removal import Preview
from rootwarden.hardening.run import GaveUp, why
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import Credential
from rootwarden.sweep.batch import Attempts, Failed
from rootwarden.sweep.sweep import AccountRow, RowResult, Sweep

# Hardening takes about a dozen calls; cut off half-way, no outcome would say what it removed.
_SECONDS_TO_HARDEN = 20.0

_RESULTS = {
    Result.CLEAN: RowResult.CLEAN,
    Result.HARDENED: RowResult.HARDENED,
    Result.PARTIAL: RowResult.PARTIAL,
    Result.UNREACHABLE: RowResult.UNREACHABLE,
}


def row_without_a_call(
    management_account_id: AccountId, account: Account, now: datetime
) -> AccountRow | None:
    """Return the row of an account that no root session reaches; None where one is worth trying."""
    row = AccountRow(account=account, result=RowResult.UNREACHABLE, audited_at=now)
    if account.account_id == management_account_id:
        text = "root sessions never reach the management account"
        return replace(row, result=RowResult.MANAGEMENT, message=text)
    if account.state not in KNOWN_STATES:
        text = f"Organizations says that its state is {account.state!r}"
        return replace(row, code="UnknownAccountState", message=text)
    if account.state == AccountState.ACTIVE:
        return None
    return replace(row, result=RowResult.NOT_ACTIVE, message=f"the account is {account.state}")


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Completes rows. harden: raises what HardeningRun raises, and CallRefused.

    recovery_window and organization are asked only where credentials exist.
    """

    sweep: Sweep
    mode: Mode
    exemptions: tuple[Exemption, ...]
    organization: Directory
    recovery_window: Callable[[AccountId], RecoveryWindow | None]
    harden: Callable[[Announcement], HardeningOutcome]
    attempts: Attempts

    def __call__(self, found: AccountRow) -> AccountRow:
        """Say what becomes of an account whose posture was found; raises CallRefused."""
        if found.result is RowResult.CLEAN:
            return found.exempt_by(self._exemption(found))
        row = self._placed(found)
        window = self.recovery_window(row.account.account_id)
        row = replace(row, recovery_window=window).exempt_by(self._exemption(row))
        if self.mode is Mode.OBSERVE or row.is_exempt or window:
            return row
        if self.attempts.time_left() < _SECONDS_TO_HARDEN:
            return replace(row, code="OutOfTime", message="no time was left to remove what is there")
        return self._hardened(row)

    def _exemption(self, row: AccountRow) -> Exemption | None:
        return find_exemption(self.exemptions, row.account, row.audited_at.date())

    def _placed(self, row: AccountRow) -> AccountRow:
        """Find out which units the account stands in, where an exemption depends on it."""
        by_unit = any(exemption.organizational_unit for exemption in self.exemptions)
        known = row.account.organizational_units is not None
        if known or not by_unit or self._exemption(row):
            return row
        account = self.organization.describe(row.account.account_id)
        if account is None or account.organizational_units is None:
            text = "which organizational units it stands in is not said, so its exemption is not known"
            raise CallRefused("UnknownOrganizationalUnit", text)
        units = account.organizational_units
        return replace(row, account=replace(row.account, organizational_units=units))

    def settle(self, row: AccountRow) -> AccountRow:
        """Look at the account once more, and have a final outcome name what earlier attempts removed."""
        ended = self.attempts.at(lambda: self._harden(row, Mode.OBSERVE))
        return row if isinstance(ended, Failed) else ended

    def _hardened(self, row: AccountRow) -> AccountRow:
        ended = self.attempts.at(lambda: self._harden(row, Mode.ENFORCE))
        if isinstance(ended, Failed):
            # Something may have been removed: what the audit saw proves nothing any more.
            return replace(
                row, result=RowResult.PARTIAL, posture=None, code=ended.code, message=ended.message
            )
        return ended

    def _harden(self, row: AccountRow, mode: Mode) -> AccountRow:
        trigger = Trigger(event_id=self.sweep.sweep_id, event_name=SWEEP, source=SOURCE)
        try:
            outcome = self.harden(
                Announcement(
                    trigger=trigger,
                    account_id=row.account.account_id,
                    mode=mode,
                    # The audit is newer than what proved the account within the hour.
                    ignores_recent_result=True,
                )
            )
        except GaveUp as gave_up:
            outcome = gave_up.outcome
        except (AlreadyDone, RetryLater) as turned_away:
            return replace(row, code=type(turned_away).__name__, message=str(turned_away))
        return _as_outcome_says(outcome, row)


def _as_outcome_says(outcome: HardeningOutcome, row: AccountRow) -> AccountRow:
    reason = outcome.reason
    code = reason.code if reason else next((failure.code for failure in outcome.failures), None)
    ended = replace(row, code=code, message=why(outcome) or None)
    if outcome.result is Result.SKIPPED:
        return with_removed(ended, outcome.removed, outcome.may_have_been_removed)
    if outcome.result is Result.OBSERVED:
        return with_removed(row, outcome.removed, outcome.may_have_been_removed)
    # An attempt that reached nothing says nothing about what the audit saw.
    reached = outcome.result is not Result.UNREACHABLE
    touched = outcome.failures or outcome.removed or outcome.may_have_been_removed
    # Where no session could delete, what the audit found is still all there.
    is_untouched = outcome.result is Result.PARTIAL and not touched
    left = row.preview if is_untouched else Preview(stays=outcome.failures, last_used=outcome.last_used)
    ended = replace(
        ended,
        result=_RESULTS[outcome.result],
        posture=outcome.after if reached else row.posture,
        preview=left if reached else row.preview,
    )
    return with_removed(ended, outcome.removed, outcome.may_have_been_removed)


class Removals(Protocol):
    """What was removed, until a final outcome has named it and its sweep has written its rows."""

    def accounts(self) -> Set[AccountId]:
        """Return the accounts with a record, and perhaps others."""

    def unreported(self, account_id: AccountId) -> Progress:
        """Return what no final outcome has named yet."""

    def named_by(self, event_id: str, account_id: AccountId) -> Progress:
        """Return what the final outcome of this sweep has named."""

    def forget(self, account_id: AccountId) -> None:
        """Take it off the record; again does no harm."""


@dataclass(frozen=True, kw_only=True)
class EarlierRemovals:
    """Completes rows. settle: publishes a final outcome and completes the row; None in a sweep that looks."""

    removals: Removals
    sweep_id: str
    settle: Callable[[AccountRow], AccountRow] | None

    def named_in(self, rows: Sequence[AccountRow]) -> list[AccountRow]:
        """Return the rows with what earlier attempts removed in them."""
        known = self.removals.accounts()
        return [self._completed(row) if row.account.account_id in known else row for row in rows]

    def forget_named(self, rows: Sequence[AccountRow]) -> None:
        """Take off the record what this sweep's outcomes named and its rows, now written, have as well."""
        known = self.removals.accounts() if self.settle else frozenset()
        for account_id in {row.account.account_id for row in rows} & known:
            if self.removals.named_by(self.sweep_id, account_id):
                self.removals.forget(account_id)

    def _completed(self, row: AccountRow) -> AccountRow:
        account_id = row.account.account_id
        named = self.removals.named_by(self.sweep_id, account_id)
        if named:
            return with_removed(row, named.removed, named.tried)
        unreported = self.removals.unreported(account_id)
        if not unreported:
            return row
        if self.settle:
            row = self.settle(row)
            if not self.removals.unreported(account_id):
                return row
        return with_removed(row, unreported.removed, unreported.tried)


def with_removed(row: AccountRow, removed: frozenset[Credential], tried: frozenset[Credential]) -> AccountRow:
    """Return the row with what was removed, and in words what may have been."""
    is_clean = row.posture is not None and row.posture.is_clean
    removed = frozenset(row.removed) | removed | (tried if is_clean else frozenset())
    # What is found there now was not removed.
    perhaps = tried - removed - frozenset(row.preview.found if row.preview else ())
    result = RowResult.HARDENED if removed and row.result is RowResult.CLEAN else row.result
    row = replace(row, removed=tuple(sorted(removed)), result=result)
    if not perhaps:
        return row
    named = ", ".join(map(str, sorted(perhaps)))
    text = f"an attempt that was stopped may have removed {named}"
    return replace(
        row,
        code=row.code or "MayHaveBeenRemoved",
        message=f"{row.message}; {text}" if row.message else text,
    )
