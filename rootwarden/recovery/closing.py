"""Closing recovery windows: readers first, then the word that has the account hardened, the record last.

Stopped anywhere and run again it ends the same: what is on record as closing is closed by whoever comes.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from rootwarden.accounts import AccountState, Directory
from rootwarden.claims import AlreadyDone, Claims, RetryLater, claimed
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.recovery.history import WindowHistories
from rootwarden.recovery.opening import BUSY, LEASE, NOT_ANNOUNCED, SAID_FOR, saying
from rootwarden.recovery.outcome import NO_RECORD, Change, WindowChanged
from rootwarden.recovery.requests import CloseRequest, WindowRefusal
from rootwarden.recovery.windows import (
    ClosedBy,
    ClosedHow,
    RecordedWindow,
    RecoveryWindow,
    WindowEnds,
    Windows,
    WindowState,
)
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, RequestRefused

# Scheduler calls within a minute of a window's end. For so long no look is in its way.
_LEFT_TO_ITS_SCHEDULE = timedelta(minutes=2)
# For so many seconds a schedule waits for whoever works on its window, then it tries once more.
_FOR_ANOTHER = 15
_NO_RECORD = "the state table has no record of this window, nor that it was closed"
_NOT_ANNOUNCED = "the opening of this window was not announced; the password may be recoverable"


@dataclass(frozen=True, kw_only=True)
class RecoveryCloser:
    """Closes windows; hardening follows from the outcome."""

    directory: Directory
    windows: Windows
    histories: WindowHistories
    ends: WindowEnds
    claims: Claims
    publish: Callable[[Outcome], None]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def close(self, request: CloseRequest) -> Answer:
        """Close one window; raises RequestRefused while somebody else works on it, and CallRefused."""

        def is_meant(recorded: RecordedWindow) -> bool:
            if request.ending not in {None, recorded.window.until}:
                return False
            if request.closed_by.how is ClosedHow.SCHEDULE and recorded.counts(self.clock()):
                until = f"{recorded.window.until:%Y-%m-%d %H:%M} UTC"
                text = f"a schedule closes at the window's end, {until}, and not before"
                raise RequestRefused(WindowRefusal.NOT_THE_SCHEDULE, text)
            return True

        try:
            closed = self._close_in_turn(request, is_meant)
        except RetryLater as busy:
            raise RequestRefused(WindowRefusal.BUSY, BUSY) from busy
        if not closed:
            self._say_lost(request)
            reason = Reason(WindowRefusal.NONE, f"no such window is open in {request.account_id}")
            return _answer("nothing_open", reason=reason)
        return _answer("closed", request.account_id)

    def _close_in_turn(self, request: CloseRequest, is_meant: Callable[[RecordedWindow], bool]) -> bool:
        if request.closed_by.how is ClosedHow.SCHEDULE:
            with suppress(RetryLater):
                return self._close(request.account_id, request.closed_by, is_meant)
            self.sleep(_FOR_ANOTHER)
        return self._close(request.account_id, request.closed_by, is_meant)

    def close_overdue(self, closed_by: ClosedBy) -> Answer:
        """Close every window whose end did not come by itself; one that fails never stops the rest."""
        closed: list[AccountId] = []
        failures: list[CallRefused] = []
        for account_id in self.windows.accounts():
            try:
                if self._needs_a_look(account_id) and self._close(account_id, closed_by, self._is_overdue):
                    closed.append(account_id)
            except CallRefused as refused:
                failures.append(CallRefused(refused.code, f"{account_id}: {refused.message}"))
            except RetryLater:
                # Whoever holds it opens or closes it; if they die over it, the next look is there.
                continue
        if failures:
            text = "; ".join(failure.message for failure in failures)
            return _answer("failed", *closed, reason=Reason(failures[0].code, text))
        return _answer("closed" if closed else "nothing_open", *closed)

    def listed(self) -> Answer:
        """Return every window on record; raises CallRefused."""
        recorded = (self.windows.find(account_id) for account_id in self.windows.accounts())
        return {
            "result": "listed",
            "reason": None,
            "windows": [window.to_detail() for window in recorded if window],
        }

    def _needs_a_look(self, account_id: AccountId) -> bool:
        """Say whether a look has to claim the window: one that is open it leaves to others."""
        recorded = self.windows.find(account_id)
        return recorded is None or recorded.state is not WindowState.OPEN or self._is_overdue(recorded)

    def _is_overdue(self, recorded: RecordedWindow) -> bool:
        return not recorded.counts(self.clock() - _LEFT_TO_ITS_SCHEDULE)

    def _close(
        self, account_id: AccountId, closed_by: ClosedBy, is_meant: Callable[[RecordedWindow], bool]
    ) -> bool:
        with claimed(self.claims, account_id, lease=LEASE, remember=timedelta(0)):
            recorded = self.windows.find(account_id)
            if recorded is None:
                # Only the index may know of it: the account left, or its opening stopped at once.
                self.windows.remove(account_id)
                return False
            self._announce_late(recorded)
            if not is_meant(recorded):
                return False
            # A closing that somebody began and could not end is still by their word.
            closed_by = recorded.closed_by or closed_by
            try:
                self.windows.mark(recorded, WindowState.CLOSING, closed_by)
                history = self.histories.of(account_id)
                self.histories.keep(account_id, history.ended(recorded, self.clock()))
                self.publish(self._changed(recorded, Change.CLOSED, closed_by))
            except CallRefused as refused:
                self._say_failure(recorded, closed_by, refused)
                raise
            # Until here the window's own end would still have come, had this run stopped.
            self.ends.delete(account_id)
            self.windows.remove(account_id)
        return True

    def _announce_late(self, recorded: RecordedWindow) -> None:
        """Say once that a window may be open though nobody was told; raises nothing of AWS."""
        if recorded.state is not WindowState.OPENING:
            return
        remember = recorded.window.until - self.clock() + SAID_FOR
        outcome = self._changed(recorded, Change.FAILED, None, Reason(NOT_ANNOUNCED, _NOT_ANNOUNCED))
        # What the bus does not take is in the log, and an alarm says so; closing does not wait for it.
        with (
            suppress(AlreadyDone, RetryLater, CallRefused),
            claimed(self.claims, saying(recorded), lease=LEASE, remember=remember),
        ):
            self.publish(outcome)

    def _say_lost(self, request: CloseRequest) -> None:
        """Say that a window may be open which its schedule ends and nobody is known to have closed.

        Scheduler may call twice, and an account may leave: neither is worth a word. Raises CallRefused.
        """
        account_id, until = request.account_id, request.ending
        if request.closed_by.how is not ClosedHow.SCHEDULE or until is None:
            return
        if self.histories.of(account_id).shows_closed(request.opened_at, until):
            return
        account = self.directory.describe(account_id)
        if account is None or account.state != AccountState.ACTIVE:
            return
        lost = RecordedWindow(
            account_id=account_id,
            account=AccountReference.of(account),
            window=RecoveryWindow(until=until, reason="no reason on record", opened_by="unknown"),
            state=WindowState.OPEN,
            opened_at=request.opened_at or until,
        )
        self._say_failure(lost, request.closed_by, CallRefused(NO_RECORD, _NO_RECORD))

    def _say_failure(self, recorded: RecordedWindow, closed_by: ClosedBy, refused: CallRefused) -> None:
        said = f"{saying(recorded)}#{refused.code}"
        outcome = self._changed(recorded, Change.FAILED, closed_by, Reason(refused.code, refused.message))
        try:
            with claimed(self.claims, said, lease=LEASE, remember=SAID_FOR):
                self.publish(outcome)
        except (AlreadyDone, RetryLater):
            return
        except CallRefused as also:
            text = f"{refused.message}; no one could be notified ({also})"
            raise CallRefused(refused.code, text) from refused

    def _changed(
        self,
        recorded: RecordedWindow,
        change: Change,
        closed_by: ClosedBy | None,
        reason: Reason | None = None,
    ) -> WindowChanged:
        return WindowChanged(
            account=recorded.account,
            change=change,
            window=recorded.window,
            may_be_open=change is Change.FAILED,
            closed_by=closed_by,
            approved_by=recorded.approved_by,
            reason=reason,
            occurred_at=self.clock(),
        )


def _answer(result: str, *closed: AccountId, reason: Reason | None = None) -> Answer:
    return {
        "result": result,
        "reason": {"code": reason.code, "text": reason.text} if reason else None,
        "closed": list(closed),
    }
