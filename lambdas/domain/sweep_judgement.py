"""What an account's posture comes to: left alone for a reason, only reported, or hardened."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from lambdas.domain.accounts import AccountId, AccountState
from lambdas.domain.claims import AlreadyDone, RetryLater
from lambdas.domain.hardening.account_events import Announcement, Trigger
from lambdas.domain.hardening.account_hardening import Organization
from lambdas.domain.hardening.exemptions import Exemption, find_exemption
from lambdas.domain.hardening.outcome import HardeningOutcome, Result
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.hardening.run import GaveUp, why
from lambdas.domain.outcomes import SOURCE
from lambdas.domain.recovery.windows import RecoveryWindow
from lambdas.domain.sweep import Sweep, SweepMode
from lambdas.domain.sweep_accounts import ListedAccount
from lambdas.domain.sweep_attempts import Attempts, Failed
from lambdas.domain.sweep_rows import Row, RowResult

EVENT_NAME = "OrganizationSweep"
# Hardening takes about a dozen calls; cut off half-way, it would be told by nobody.
_SECONDS_TO_HARDEN = 20.0

_RESULTS = {
    Result.CLEAN: RowResult.CLEAN,
    Result.HARDENED: RowResult.HARDENED,
    Result.PARTIAL: RowResult.PARTIAL,
    Result.UNREACHABLE: RowResult.UNREACHABLE,
}


def row_without_a_call(management_account_id: AccountId, account: ListedAccount, now: datetime) -> Row | None:
    """Return the row of an account that no root session reaches; None where one is worth trying."""
    row = Row(account=account, result=RowResult.UNREACHABLE, audited_at=now)
    if account.account_id == management_account_id:
        text = "root sessions never reach the management account"
        return replace(row, result=RowResult.MANAGEMENT, message=text)
    try:
        state = account.known().state
    except ValueError:
        text = f"Organizations says that its state is {account.state!r}"
        return replace(row, code="UnknownAccountState", message=text)
    if state is AccountState.ACTIVE:
        return None
    return replace(row, result=RowResult.NOT_ACTIVE, message=f"the account is {state}")


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Completes rows. harden: raises what HardeningRun raises, and CallRefused.

    recovery_window and organization are asked only where credentials exist.
    """

    sweep: Sweep
    mode: SweepMode
    exemptions: tuple[Exemption, ...]
    organization: Organization
    recovery_window: Callable[[AccountId], RecoveryWindow | None]
    harden: Callable[[Announcement], HardeningOutcome]
    attempts: Attempts

    def __call__(self, found: Row) -> Row:
        """Say what becomes of an account whose posture was found; raises CallRefused."""
        if found.result is RowResult.CLEAN:
            return replace(found, exemption=self._exemption(found))
        row = self._placed(found)
        window = self.recovery_window(row.account.account_id)
        row = replace(row, exemption=self._exemption(row), recovery_window=window)
        if self.mode is SweepMode.AUDIT or row.exemption or window:
            return row
        if self.attempts.time_left() < _SECONDS_TO_HARDEN:
            return replace(row, code="OutOfTime", message="no time was left to remove what is there")
        return self._hardened(row)

    def _exemption(self, row: Row) -> Exemption | None:
        return find_exemption(self.exemptions, row.account.known(), row.audited_at.date())

    def _placed(self, row: Row) -> Row:
        """Find out which units the account stands in, where an exemption depends on it."""
        by_unit = any(exemption.organizational_unit for exemption in self.exemptions)
        known = row.account.organizational_units is not None
        if known or not by_unit or self._exemption(row):
            return row
        account = self.organization.describe(row.account.account_id)
        if account is None or account.organizational_units is None:
            text = "nobody says which organizational units it stands in, so its exemption is not known"
            raise CallRefused("UnknownOrganizationalUnit", text)
        units = account.organizational_units
        return replace(row, account=replace(row.account, organizational_units=units))

    def _hardened(self, row: Row) -> Row:
        ended = self.attempts.at(lambda: self._harden(row))
        if isinstance(ended, Failed):
            # Something may have been removed: what the audit saw proves nothing any more.
            return replace(
                row, result=RowResult.PARTIAL, posture=None, code=ended.code, message=ended.message
            )
        return ended

    def _harden(self, row: Row) -> Row:
        trigger = Trigger(event_id=self.sweep.sweep_id, event_name=EVENT_NAME, source=SOURCE)
        try:
            outcome = self.harden(Announcement(trigger=trigger, account_id=row.account.account_id))
        except GaveUp as gave_up:
            outcome = gave_up.outcome
        except (AlreadyDone, RetryLater) as turned_away:
            return replace(row, code=type(turned_away).__name__, message=str(turned_away))
        return _told_by(outcome, row)


def _told_by(outcome: HardeningOutcome, row: Row) -> Row:
    reason = outcome.reason
    code = reason.code if reason else next((failure.code for failure in outcome.failures), None)
    ended = replace(row, code=code, message=why(outcome) or None)
    if outcome.result is Result.SKIPPED:
        return ended
    # An attempt that reached nothing says nothing about what the audit saw.
    reached = outcome.result is not Result.UNREACHABLE
    return replace(
        ended,
        result=_RESULTS[outcome.result],
        posture=outcome.after if reached else row.posture,
        removed=outcome.removed,
    )
