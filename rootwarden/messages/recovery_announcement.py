"""The words for `Recovery Window Change`: every one is announced."""

from rootwarden.activity.root_activity import Severity
from rootwarden.messages.announcement import Announcement, Facts, organizations_account
from rootwarden.recovery.outcome import Change, ClosedHow, PasswordRecovery, WindowChanged

_ALLOWED = {
    PasswordRecovery.CREATED: "Allowed root password recovery",
    PasswordRecovery.EXISTED: "Found that the root user's password could be recovered already",
}
_CLOSED = {
    ClosedHow.SCHEDULE: "because its time was over",
    ClosedHow.REQUEST: "because somebody asked for it",
    ClosedHow.SWEEP: "by the sweep, long after its time was over: its schedule did not run",
}
_TRIED_AGAIN = {
    ClosedHow.SCHEDULE: "it is tried again within minutes, and by the next sweep",
    ClosedHow.REQUEST: "its own end, where that is still to come, and the next sweep try again",
    ClosedHow.SWEEP: "the next sweep tries again",
}
_OPENED_STEPS = (
    "If this was not to be: close the window now (rootctl recovery close), and ask who opened it.",
    "To recover: choose Forgot password on the sign-in page for the root user's address, then set up MFA.",
    "Close the window as soon as that is done; whatever root credentials exist then are removed.",
)
_CLOSED_STEPS = (
    "Nothing, unless a message follows that the account could not be hardened.",
    "Whoever still needs root asks for a new window.",
)
_SWEEP_STEP = "Find out why the schedule did not run: see Recovery/NotClosed in docs/runbook.md."
_NOT_OPENED_STEPS = ("Read AWS's reason below, fix it, and open the window again if it is still needed.",)
_PERHAPS_OPEN_STEPS = (
    "Perhaps the root password can be recovered now: the window stays until its end.",
    "Read AWS's reason below, fix it, then ask for the same window again, or close it.",
)
_NOT_CLOSED_STEPS = (
    "The root password may still be recoverable: read AWS's reason below and fix it.",
    "Then close the window (rootctl recovery close); the next sweep tries it as well.",
)


def announce_window(outcome: WindowChanged, region: str) -> Announcement:
    """Compose the announcement."""
    severity, headline, happened, done, steps = _words(outcome)
    account_id = outcome.account.account_id
    link = ("The account in Organizations", organizations_account(region, account_id or ""))
    return Announcement(
        severity=severity,
        account=outcome.account,
        headline=headline,
        happened=happened,
        done=done,
        facts=_facts(outcome),
        next_steps=steps,
        links=(link,) if account_id else (),
    )


def _words(outcome: WindowChanged) -> tuple[Severity, str, str, str, tuple[str, ...]]:
    window, closed_by = outcome.window, outcome.closed_by
    until = f"{window.until:%Y-%m-%d %H:%M} UTC"
    if outcome.change is Change.OPENED:
        allowed = _ALLOWED[outcome.password or PasswordRecovery.CREATED]
        happened = f"{window.opened_by} opened a recovery window: the root password may be recovered."
        done = f"{allowed}. The window closes by itself at {until}; the account is not hardened before."
        return Severity.MEDIUM, f"recovery window open until {until}", happened, done, _OPENED_STEPS
    if outcome.change is Change.CLOSED and closed_by:
        happened = f"The recovery window was closed {_CLOSED[closed_by.how]}."
        done = "Put the account on the list to be hardened again, now."
        late = closed_by.how is ClosedHow.SWEEP
        steps = (_SWEEP_STEP, *_CLOSED_STEPS) if late else _CLOSED_STEPS
        return Severity.MEDIUM if late else Severity.INFO, "recovery window closed", happened, done, steps
    if closed_by:
        happened = f"The recovery window that was to end at {until} could not be closed."
        done = f"Nothing else: {_TRIED_AGAIN[closed_by.how]}."
        return Severity.HIGH, "recovery window could not be closed", happened, done, _NOT_CLOSED_STEPS
    happened = f"{window.opened_by} asked for a recovery window, and it could not be opened."
    if outcome.may_be_open:
        done = f"Left the window on record: it closes at {until}, and then the account is hardened."
        return Severity.HIGH, "recovery window perhaps open", happened, done, _PERHAPS_OPEN_STEPS
    done = "Undid what was begun: nothing was opened."
    return Severity.LOW, "recovery window could not be opened", happened, done, _NOT_OPENED_STEPS


def _facts(outcome: WindowChanged) -> Facts:
    window, closed_by = outcome.window, outcome.closed_by
    facts = [
        ("Why", window.reason),
        ("Opened by", window.opened_by),
        ("Until", f"{window.until:%Y-%m-%d %H:%M} UTC"),
    ]
    if outcome.approved_by:
        facts.append(("Approved by", ", ".join(outcome.approved_by)))
    if closed_by and closed_by.by:
        facts.append(("Closed by", closed_by.by))
    if outcome.account.organizational_unit:
        facts.append(("Organizational unit", outcome.account.organizational_unit))
    if outcome.reason:
        facts.append(("Reason", f"{outcome.reason.code}: {outcome.reason.text}"))
    return tuple(facts)
