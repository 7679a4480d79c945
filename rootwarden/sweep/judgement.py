"""What becomes of an account that a sweep looks at, and steps tried again so that no account gets lost."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from rootwarden.accounts import KNOWN_STATES, Account, AccountId, AccountState, Directory
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.configured import Exemption, Mode, find_exemption
from rootwarden.hardening.announcement import SWEEP, Announcement, Trigger
from rootwarden.hardening.outcome import HardeningOutcome, PostureRecord, Result
from rootwarden.hardening.removal import CallRefused, Preview
from rootwarden.hardening.run import GaveUp, why
from rootwarden.outcomes import SOURCE
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.sweep.earlier_removals import with_removed
from rootwarden.sweep.sweep import AccountRow, RowResult, Sweep

T = TypeVar("T")

# Hardening takes about a dozen calls; cut off half-way, no outcome would say what it removed.
_SECONDS_TO_HARDEN = 20.0

_RESULTS = {
    Result.CLEAN: RowResult.CLEAN,
    Result.HARDENED: RowResult.HARDENED,
    Result.PARTIAL: RowResult.PARTIAL,
    Result.UNREACHABLE: RowResult.UNREACHABLE,
}
# Pauses begin short, because a batch waits for its slowest account, and every request waits for its
# turn besides: see sweep_rate.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 16.0
# Of what is not throttling: who only asks to slow down is asked for as long as there is time.
_MOST_TRIES = 5
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


@dataclass(frozen=True)
class Failed:
    """What a step ended with: AWS's own code and message, or the name of an unforeseen error."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Takes steps that may fail. unforeseen: takes errors that AWS did not answer with.

    time_left: how many seconds are left for trying again. chance: a number from 0 to 1, by which pauses
    are shortened, so that what was refused together does not come back together.
    """

    sleep: Callable[[float], None]
    time_left: Callable[[], float]
    unforeseen: Callable[[Exception], None]
    chance: Callable[[], float] = random.random

    def at(self, step: Callable[[], T]) -> T | Failed:
        """Return what the step returns, or what it failed with in the end; raises nothing."""
        tries, longest = 1, _FIRST_PAUSE
        while True:
            pause = longest * self.chance()
            try:
                return step()
            except CallRefused as refused:
                if not _is_worth_trying(refused, tries) or self.time_left() <= pause:
                    return Failed(refused.code, refused.message)
            except Exception as error:  # noqa: BLE001 - one account never sinks the others
                self.unforeseen(error)
                return Failed(type(error).__name__, str(error))
            self.sleep(pause)
            tries, longest = tries + 1, min(2 * longest, _LONGEST_PAUSE)


def _is_worth_trying(refused: CallRefused, tries: int) -> bool:
    return refused.code in _THROTTLED or (refused.may_pass and tries < _MOST_TRIES)


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


def seen_in(row: AccountRow) -> PostureRecord | None:
    """Return what is kept of an account until it is seen again; None where no one could look."""
    if row.posture is None:
        return None
    return PostureRecord(
        account_id=row.account_id,
        name=row.account.name,
        posture=row.posture,
        result=row.result.value,
        seen_at=row.audited_at,
    )


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
                    asks_anew=True,
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
