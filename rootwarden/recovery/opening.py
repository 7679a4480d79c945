"""Opening a recovery window: its end is certain before anything is opened.

A run that stops at any call leaves a window that is opening and counts as open until its end; the same
request again finishes it, and whatever closes windows closes it too.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import structs

from rootwarden.accounts import Account, Directory
from rootwarden.claims import Claims, RetryLater, borrowed, claimed
from rootwarden.contract.configured import Exemption
from rootwarden.contract.functions import lease
from rootwarden.events import AccountId
from rootwarden.hardening.account_hardening import exemption_of
from rootwarden.hardening.announcement import alone_with
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.recovery.history import WindowHistories, WindowHistory
from rootwarden.recovery.outcome import Change, PasswordRecovery, WindowChanged
from rootwarden.recovery.requests import WindowRefusal, read_length
from rootwarden.recovery.windows import RecordedWindow, RecoveryWindow, WindowEnds, Windows, WindowState
from rootwarden.refusals import CallRefused
from rootwarden.requests import (
    OBSERVES_ONLY,
    Answer,
    RefusalCode,
    Request,
    RequestRefused,
    member_account,
)

# Nobody else works on a window whose function still might; close_recovery may run as long.
LEASE = lease("open_recovery")
BUSY = "the account is being hardened, or its window opened or closed; try again in three minutes"
# A schedule's closing is tried three times within minutes, and its failure said once.
SAID_FOR = timedelta(hours=1)
NOT_ANNOUNCED = "NotAnnounced"
_NOT_ANNOUNCED = (
    "the window is open until its end, but could not be announced;"
    " ask for the same window again to announce it"
)


def saying(recorded: RecordedWindow) -> str:
    """Return the claim on saying that a window may be open that was not announced as opened."""
    return f"SAID#{recorded.account_id}#{recorded.window.until}"


class FutureEnds(WindowEnds, Protocol):
    """What ends a window, and can be told to."""

    def set(self, recorded: RecordedWindow) -> None:
        """Have the window closed when its time is over; again does no harm. Raises CallRefused."""


class PasswordSession(Protocol):
    """A root session that may allow password recovery."""

    def allow_recovery(self) -> PasswordRecovery:
        """Allow it, and say whether it was allowed before; raises CallRefused."""


@dataclass(frozen=True, kw_only=True)
class RecoveryOpener:
    """Opens windows. enter: opens the root session; raises CallRefused, and then nothing was opened.

    observes_only, exemptions: nothing could remove the password at a window's end, so none opens.
    claims: on windows. accounts: on accounts, none of which is hardened while its window is opened.
    """

    directory: Directory
    management_account_id: AccountId
    windows: Windows
    ends: FutureEnds
    enter: Callable[[AccountId], PasswordSession]
    histories: WindowHistories
    claims: Claims
    accounts: Claims
    publish: Callable[[Outcome], None]
    clock: Callable[[], datetime]
    longest_hours: int
    hours_a_week: int
    exemptions: tuple[Exemption, ...] = ()
    observes_only: bool = False

    def open(self, request: Request, *, approved_by: tuple[str, ...] = ()) -> Answer:
        """Open the window asked for; raises MalformedEvent, RequestRefused and CallRefused."""
        length = read_length(request.fields, self.longest_hours)
        account = member_account(self.directory, request.account_id, self.management_account_id)
        if self.observes_only:
            raise RequestRefused(RefusalCode.OBSERVES_ONLY, OBSERVES_ONLY)
        self._refuse_exempt(account)
        wanted = _wanted(request, account, length, self.clock(), approved_by)
        if request.dry_run:
            begun_before = self._begun_before(wanted)
            if begun_before is None:
                self._history(wanted)
            return _answer("would_open", begun_before or wanted)
        try:
            with (
                claimed(self.claims, account.account_id, lease=LEASE, remember=timedelta(0)),
                borrowed(self.accounts, alone_with(account.account_id), lease=LEASE),
            ):
                return self._open(wanted)
        except RetryLater as busy:
            raise RequestRefused(WindowRefusal.BUSY, BUSY) from busy

    def _refuse_exempt(self, account: Account) -> None:
        exemption = exemption_of(account, self.exemptions, self.clock())
        if exemption:
            text = (
                f"the account {AccountReference.of(account)} is exempt until {exemption.until}:"
                f" {exemption.reason}; its password would stay after a window. End the exemption first:"
                " take it out of the configuration and deploy"
            )
            raise RequestRefused(RefusalCode.EXEMPT, text)

    def _history(self, wanted: RecordedWindow) -> WindowHistory:
        """Return what there was before; raises RequestRefused where it leaves no room, and CallRefused."""
        history = self.histories.of(wanted.account_id)
        history.check(wanted, self.hours_a_week)
        return history

    def _open(self, wanted: RecordedWindow) -> Answer:
        begun_before = self._begun_before(wanted)
        recorded = begun_before or wanted
        history = self.histories.of(wanted.account_id) if begun_before else self._history(wanted)
        if begun_before is None:
            self.windows.begin(wanted)
        self.histories.keep(recorded.account_id, history.opened(recorded))
        try:
            self.ends.set(recorded)
            session = self.enter(recorded.account_id)
        except CallRefused as refused:
            if begun_before:
                return self._failed(recorded, refused, may_be_open=True)
            return self._undone(recorded, refused)
        try:
            password = session.allow_recovery()
        except CallRefused as refused:
            # AWS may have done what it answers with an error, so the window keeps its end.
            return self._failed(recorded, refused, may_be_open=True)
        # Said first: a run that stops in between says it twice rather than never.
        try:
            self.publish(self._changed(recorded, Change.OPENED, may_be_open=True, password=password))
        except CallRefused as refused:
            # It stays on record as opening, so that the same request again announces it.
            reason = Reason(NOT_ANNOUNCED, f"{_NOT_ANNOUNCED} ({refused})")
            return _answer("failed", recorded, password=password, reason=reason)
        self._need_not_be_said_again(recorded)
        # Said already: refused, the window only stays on record as opening until its end.
        with suppress(CallRefused):
            self.windows.mark(recorded, WindowState.OPEN)
        return _answer("opened", recorded, password=password)

    def _begun_before(self, wanted: RecordedWindow) -> RecordedWindow | None:
        """Return the window that the same request began; raises RequestRefused for any other."""
        recorded = self.windows.find(wanted.account_id)
        if recorded is None:
            return None
        said = f"until {recorded.window.until:%Y-%m-%d %H:%M} UTC by {recorded.window.opened_by}"
        if not recorded.counts(wanted.opened_at):
            text = (
                f"the window that was opened in {recorded.account} {said} has not been closed; close it first"
            )
            raise RequestRefused(WindowRefusal.NOT_CLOSED, text)
        if recorded.state is WindowState.OPEN or not recorded.is_begun_like(wanted):
            text = f"in {recorded.account} a window was opened {said}: {recorded.window.reason}"
            raise RequestRefused(WindowRefusal.OPEN, text)
        return recorded

    def _undone(self, recorded: RecordedWindow, refused: CallRefused) -> Answer:
        try:
            self.ends.delete(recorded.account_id)
            history = self.histories.of(recorded.account_id)
            self.histories.keep(recorded.account_id, history.without(recorded))
            self.windows.remove(recorded.account_id)
        except CallRefused as also:
            text = (
                f"{refused.message}; what was begun could not be undone, so the window stays on record"
                f" until its end ({also})"
            )
            return self._failed(recorded, CallRefused(refused.code, text), may_be_open=True)
        return self._failed(recorded, refused, may_be_open=False)

    def _failed(self, recorded: RecordedWindow, refused: CallRefused, *, may_be_open: bool) -> Answer:
        reason = Reason(refused.code, refused.message)
        try:
            self.publish(self._changed(recorded, Change.FAILED, may_be_open=may_be_open, reason=reason))
        except CallRefused as also:
            reason = structs.replace(reason, text=f"{reason.text}; no one could be notified ({also})")
        else:
            if may_be_open:
                self._need_not_be_said_again(recorded)
        return _answer("failed", recorded, reason=reason)

    def _need_not_be_said_again(self, recorded: RecordedWindow) -> None:
        remember = recorded.window.until - self.clock() + SAID_FOR
        # Refused, the next look at all windows says it twice.
        with suppress(CallRefused):
            self.claims.finish(saying(recorded), remember=remember)

    def _changed(
        self,
        recorded: RecordedWindow,
        change: Change,
        *,
        may_be_open: bool,
        password: PasswordRecovery | None = None,
        reason: Reason | None = None,
    ) -> WindowChanged:
        return WindowChanged(
            account=recorded.account,
            change=change,
            window=recorded.window,
            may_be_open=may_be_open,
            password=password,
            approved_by=recorded.approved_by,
            reason=reason,
            occurred_at=self.clock(),
        )


def _wanted(
    request: Request,
    account: Account,
    length: timedelta,
    now: datetime,
    approved_by: tuple[str, ...],
) -> RecordedWindow:
    return RecordedWindow(
        account_id=account.account_id,
        account=AccountReference.of(account),
        window=RecoveryWindow(until=now + length, reason=request.reason, opened_by=request.requested_by),
        state=WindowState.OPENING,
        opened_at=now,
        approved_by=approved_by,
    )


def _answer(
    result: str,
    recorded: RecordedWindow,
    *,
    password: PasswordRecovery | None = None,
    reason: Reason | None = None,
) -> Answer:
    return {
        "result": result,
        "reason": {"code": reason.code, "text": reason.text} if reason else None,
        "window": recorded.window.to_detail(),
        "password": password.value if password else None,
        "account": recorded.account.to_detail(),
    }
