"""The drill's own recovery window: opened, closed, and found again after an interruption.

The reason on record is different in each drill. So no drill closes a window that it did not open.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from time import sleep

from rootctl.errors import Hindered
from rootctl.output import beside_results, print_whole, waiting
from rootctl.recovery_windows import ListedWindow, listed
from rootctl.requests import Answerer, ApprovalRun, Runbook, accepted
from rootwarden.events import AccountId, Fields, MalformedEvent
from rootwarden.messages.commands import audit, close_window
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused

_BETWEEN_LOOKS = 5.0
# A function that was just asked has its window on record within seconds; one that opens it may take a minute.
_PATIENCE = timedelta(seconds=90)
_NOTHING = "Nothing is left open."


@dataclass
class DrillWindow:
    """One window in one account. runbook: None where no second person must approve."""

    account_id: AccountId
    caller: str
    ask_open: Answerer
    ask_close: Answerer
    runbook: Runbook | None = None
    reason: str = field(
        default_factory=lambda: f"rootctl drill {utc_now():%Y-%m-%d %H:%M:%S} UTC: a control test"
    )
    _is_asked_for: bool = field(default=False, init=False)
    # Until then an opening that was asked for may still come.
    _is_answered: bool = field(default=False, init=False)
    _is_closed: bool = field(default=False, init=False)
    _automation: ApprovalRun | None = field(default=None, init=False)
    _until: str | None = field(default=None, init=False)

    def check_possible(self) -> None:
        """Raise Hindered or WrongUsage where the hub would open no window, such as where one is open."""
        accepted(self.ask_open({**self._request(), "dryRun": True}))

    def open(self) -> None:
        """Open it; raises CallRefused and Hindered."""
        self._is_asked_for = True
        answer = accepted(self._approved() if self.runbook else self.ask_open(self._request()))
        if answer.text("result") != "opened":
            reason = answer.optional_object("reason")
            said = (
                f"{reason.text('code')}: {reason.optional_text('text')}"
                if reason
                else "the hub says no reason"
            )
            raise Hindered(f"The recovery window was not opened ({said.rstrip('. ')}).")
        self._until = answer.object("window").text("until")
        self._is_answered = True

    def close(self) -> None:
        """Close it and no other; raises CallRefused and Hindered."""
        self._close(self._until)
        self._is_closed = True

    def restore(self) -> str:
        """Close it if it is open; returns what became of it. Raises nothing that AWS refuses."""
        if not self._is_asked_for:
            return _NOTHING
        if self._is_closed:
            return f"The recovery window is closed. The hub hardens the account: {audit(self.account_id)}"
        try:
            with waiting("Closing the recovery window"):
                return f"{self._stop_asking()}{self._closed_if_found()}"
        except (CallRefused, Hindered, MalformedEvent, KeyboardInterrupt) as error:
            why = f" ({error})" if str(error) else ""
            return (
                f"The recovery window may still be open{why}; it closes itself within an hour."
                f" To close it now: {close_window(self.account_id)}"
            )

    def _approved(self) -> Fields:
        assert self.runbook is not None  # noqa: S101 - the caller looked
        self._automation = self.runbook.start(self._request())
        print_whole(beside_results(), self._automation.instructions)
        with waiting("Waiting for the approval (at most a day)"):
            return self._automation.wait()

    def _request(self) -> dict[str, object]:
        return {"account": self.account_id, "hours": 1, "reason": self.reason, "requestedBy": self.caller}

    def _stop_asking(self) -> str:
        if self._automation is None or self._is_answered:
            return ""
        if not self._automation.stop():
            return ""
        self._is_answered = True
        return "The request for approval is withdrawn. "

    def _closed_if_found(self) -> str:
        """Look for the window until it is closed; an opening without an answer may still come."""
        until = utc_now() + _PATIENCE
        while True:
            busy = None
            found = self._found()
            if found:
                try:
                    self._close(str(found.detail["until"]))
                except Hindered as error:
                    busy = error
                else:
                    self._is_closed = True
                    return "The recovery window is closed, and the hub hardens the account again."
            elif self._is_answered:
                return _NOTHING
            if utc_now() >= until:
                if busy:
                    raise busy
                return f"{_NOTHING} To be sure, look again in a minute: rootctl recovery list"
            sleep(_BETWEEN_LOOKS)

    def _found(self) -> ListedWindow | None:
        return next(filter(self._is_own, listed(self.ask_close)), None)

    def _is_own(self, found: ListedWindow) -> bool:
        return found.account.account_id == self.account_id and found.window.reason == self.reason

    def _close(self, until: str | None) -> None:
        request = {"account": self.account_id, "requestedBy": self.caller, "until": until}
        answer = accepted(self.ask_close(request))
        if answer.text("result") != "closed":
            raise Hindered("The hub has no such window any more: something else closed it meanwhile.")
