"""The words for `Recovery Window Change`: every one is a message."""

from rootwarden.messages.commands import close_window, harden
from rootwarden.messages.message import WINDOW, Facts, Message, account_link
from rootwarden.recovery.outcome import NO_RECORD, Change, PasswordRecovery, WindowChanged
from rootwarden.recovery.windows import ClosedBy, ClosedHow

_ALLOWED = {
    PasswordRecovery.CREATED: "Allowed root password recovery",
    PasswordRecovery.EXISTED: "Found that the root user's password could be recovered already",
}
_CLOSED = {
    ClosedHow.SCHEDULE: "because its time was over",
    ClosedHow.REQUEST: "because somebody asked for it",
    ClosedHow.LOOK: "by the look every five minutes, after its time was over: its schedule did not close it",
    ClosedHow.SWEEP: "by the sweep, after its time was over: its schedule did not close it",
}
_CLOSED_STEPS = (
    "Nothing, unless a message follows that the account could not be hardened.",
    "Whoever still needs root asks for a new window.",
)
_WITHIN_MINUTES = "it is tried again within five minutes"
_AFTER_A_REQUEST = "its own end, where that is still to come, and the look every five minutes try again"
_LATE = frozenset({ClosedHow.LOOK, ClosedHow.SWEEP})
_LATE_STEP = "Find out why the schedule did not close it: see Recovery/NotClosed in docs/runbook.md."


def window_message(outcome: WindowChanged, region: str) -> Message:
    """Compose the message."""
    headline, happened, done, steps = _words(outcome)
    return Message(
        severity=outcome.weighed(),
        account=outcome.account,
        headline=headline,
        happened=happened,
        done=done,
        who=_who(outcome),
        facts=_facts(outcome),
        next_steps=steps,
        links=account_link(region, outcome.account.account_id),
        entry=WINDOW,
    )


_Words = tuple[str, str, str, tuple[str, ...]]


def _words(outcome: WindowChanged) -> _Words:
    """Return the headline, what happened, what was done and what to do."""
    if outcome.change is Change.OPENED:
        return _opened(outcome)
    if outcome.closed_by is None:
        return _not_opened(outcome)
    if outcome.change is Change.CLOSED:
        return _closed(outcome.closed_by)
    if outcome.reason and outcome.reason.code == NO_RECORD:
        return _on_no_record(outcome)
    return _not_closed(outcome, outcome.closed_by)


def _opened(outcome: WindowChanged) -> _Words:
    until, close = _until(outcome), _close(outcome)
    allowed = _ALLOWED[outcome.password or PasswordRecovery.CREATED]
    return (
        f"recovery window open until {until}",
        f"{outcome.window.opened_by} opened a recovery window: the root password may be recovered.",
        f"{allowed}. The window closes by itself at {until}; the account is not hardened before.",
        (
            f"If this was not to be, close it, and ask who opened it: {close}",
            "To recover: choose Forgot password on the sign-in page for root's address, then set up MFA.",
            f"Close the window when that is done: then root credentials go, but keys used lately: {close}",
        ),
    )


def _closed(closed_by: ClosedBy) -> _Words:
    return (
        "recovery window closed",
        f"The recovery window was closed {_CLOSED[closed_by.how]}.",
        "Put the account on the list to be hardened again, now.",
        (_LATE_STEP, *_CLOSED_STEPS) if closed_by.how in _LATE else _CLOSED_STEPS,
    )


def _not_closed(outcome: WindowChanged, closed_by: ClosedBy) -> _Words:
    again = _AFTER_A_REQUEST if closed_by.how is ClosedHow.REQUEST else _WITHIN_MINUTES
    return (
        "recovery window could not be closed",
        f"The recovery window that was to end at {_until(outcome)} could not be closed.",
        f"Nothing else: {again}.",
        (
            "The root password may still be recoverable: read AWS's reason below and fix it.",
            f"Then close the window, or leave it to the look every five minutes: {_close(outcome)}",
        ),
    )


def _on_no_record(outcome: WindowChanged) -> _Words:
    gone = harden([outcome.account.account_id or "ACCOUNT"], "its window is over", recently_used=True)
    return (
        "recovery window on no record",
        f"A schedule came to close the recovery window until {_until(outcome)}, which is not on record.",
        "Nothing: no closing is on record. A sweep that enforces removes a password not used lately.",
        (
            "The root password may still be recoverable. Ask the account's owner whether it is in use.",
            f"If it is not: {gone}",
            "Find out who changed the state table, or put it back to an earlier time.",
        ),
    )


def _not_opened(outcome: WindowChanged) -> _Words:
    happened = f"{outcome.window.opened_by} asked for a recovery window, and it could not be opened."
    if not outcome.may_be_open:
        return (
            "recovery window could not be opened",
            happened,
            "Undid what was begun: nothing was opened.",
            ("Read AWS's reason below, fix it, and open the window again if it is still needed.",),
        )
    close = _close(outcome)
    return (
        "recovery window perhaps open",
        happened,
        f"Left the window on record: it closes at {_until(outcome)}, and then the account is hardened.",
        (
            "Perhaps the root password can be recovered now: the window stays until its end.",
            f"Read AWS's reason below, fix it, then ask for the same window again, or close it: {close}",
        ),
    )


def _until(outcome: WindowChanged) -> str:
    return f"{outcome.window.until:%Y-%m-%d %H:%M} UTC"


def _close(outcome: WindowChanged) -> str:
    return close_window(outcome.account.account_id or "ACCOUNT")


def _who(outcome: WindowChanged) -> Facts:
    closed_by = outcome.closed_by
    who = [("Opened by", outcome.window.opened_by), ("Why", outcome.window.reason)]
    if outcome.approved_by:
        who.append(("Approved by", ", ".join(outcome.approved_by)))
    if closed_by and closed_by.by:
        who.append(("Closed by", closed_by.by))
    return tuple(who)


def _facts(outcome: WindowChanged) -> Facts:
    reason = outcome.reason
    why = (("Reason", f"{reason.code}: {reason.text}"),) if reason else ()
    return (("Until", _until(outcome)), *why)
