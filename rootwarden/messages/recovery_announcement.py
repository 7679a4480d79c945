"""The words for `Recovery Window Change`: every one is announced."""

from rootwarden.messages.announcement import WINDOW, Announcement, Facts, organizations_account
from rootwarden.recovery.outcome import Change, PasswordRecovery, WindowChanged
from rootwarden.recovery.windows import ClosedHow

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


def announce_window(outcome: WindowChanged, region: str) -> Announcement:
    """Compose the announcement."""
    headline, happened, done, steps = _words(outcome)
    account_id = outcome.account.account_id
    link = ("The account in Organizations", organizations_account(region, account_id or ""))
    return Announcement(
        severity=outcome.weighed(),
        account=outcome.account,
        headline=headline,
        happened=happened,
        done=done,
        who=_who(outcome),
        facts=_facts(outcome),
        next_steps=steps,
        links=(link,) if account_id else (),
        entry=WINDOW,
    )


def _words(outcome: WindowChanged) -> tuple[str, str, str, tuple[str, ...]]:
    window, closed_by = outcome.window, outcome.closed_by
    until = f"{window.until:%Y-%m-%d %H:%M} UTC"
    close = f"rootctl recovery close {outcome.account.account_id}"
    if outcome.change is Change.OPENED:
        allowed = _ALLOWED[outcome.password or PasswordRecovery.CREATED]
        happened = f"{window.opened_by} opened a recovery window: the root password may be recovered."
        done = f"{allowed}. The window closes by itself at {until}; the account is not hardened before."
        steps: tuple[str, ...] = (
            f"If this was not to be, close it, and ask who opened it: {close}",
            "To recover: choose Forgot password on the sign-in page for root's address, then set up MFA.",
            f"Close the window when that is done: then root credentials go, but keys used lately: {close}",
        )
        return f"recovery window open until {until}", happened, done, steps
    if outcome.change is Change.CLOSED and closed_by:
        happened = f"The recovery window was closed {_CLOSED[closed_by.how]}."
        done = "Put the account on the list to be hardened again, now."
        steps = (_LATE_STEP, *_CLOSED_STEPS) if closed_by.how in _LATE else _CLOSED_STEPS
        return "recovery window closed", happened, done, steps
    if closed_by:
        happened = f"The recovery window that was to end at {until} could not be closed."
        again = _AFTER_A_REQUEST if closed_by.how is ClosedHow.REQUEST else _WITHIN_MINUTES
        done = f"Nothing else: {again}."
        steps = (
            "The root password may still be recoverable: read AWS's reason below and fix it.",
            f"Then close the window, or leave it to the look every five minutes: {close}",
        )
        return "recovery window could not be closed", happened, done, steps
    happened = f"{window.opened_by} asked for a recovery window, and it could not be opened."
    if outcome.may_be_open:
        done = f"Left the window on record: it closes at {until}, and then the account is hardened."
        steps = (
            "Perhaps the root password can be recovered now: the window stays until its end.",
            f"Read AWS's reason below, fix it, then ask for the same window again, or close it: {close}",
        )
        return "recovery window perhaps open", happened, done, steps
    done = "Undid what was begun: nothing was opened."
    steps = ("Read AWS's reason below, fix it, and open the window again if it is still needed.",)
    return "recovery window could not be opened", happened, done, steps


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
    return (("Until", f"{outcome.window.until:%Y-%m-%d %H:%M} UTC"), *why)
