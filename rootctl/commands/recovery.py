"""`rootctl recovery`: opens, closes and lists recovery windows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from rootctl.consent import ask, check_consent_possible
from rootctl.errors import Exit, Hindered
from rootctl.hub import Function, Hub
from rootctl.options import AccountArgument, Reason, RunOptions, Wait, reason_text
from rootctl.output import Columns, Output, ago, csv_of, printable, show, table_of, with_advice
from rootctl.printed_commands import complete
from rootctl.recovery_windows import ListedWindow, listed
from rootctl.requests import CarryingOut, Runbook, accepted, by_hub, who_asks
from rootwarden.events import Fields
from rootwarden.messages import commands
from rootwarden.outcomes import AccountReference, utc_now
from rootwarden.recovery.windows import RecoveryWindow

Hours = Annotated[
    int,
    typer.Option("--hours", metavar="N", help="For how long, in whole hours; the hub says at most how many."),
]
_PASSWORD = {
    "created": "Its root user's password can be recovered now, at https://signin.aws.amazon.com/resetpassword",
    "existed": "Its root password existed already, or could be recovered before.",
}
_LOOK = "rootctl recovery list tells"
_WINDOW_CSV: Columns[ListedWindow] = {
    "account_id": lambda each: each.account.account_id,
    "name": lambda each: each.account.name,
    "state": lambda each: each.state.value,
    "until": lambda each: each.detail.get("until"),
    "reason": lambda each: each.window.reason,
    "opened_by": lambda each: each.window.opened_by,
    "opened_at": lambda each: each.detail.get("openedAt"),
    "approved_by": lambda each: each.approved_by,
}
_ANSWER_CSV: Columns[Fields] = {
    "result": lambda answer: answer.text("result"),
    "account_id": lambda answer: answer.optional_text("account", "id"),
    "until": lambda answer: answer.optional_text("window", "until"),
    "password": lambda answer: answer.optional_text("password"),
    "closed": lambda answer: answer.optional_texts("closed"),
    "code": lambda answer: answer.optional_text("reason", "code"),
    "message": lambda answer: answer.optional_text("reason", "text"),
}


def list_windows(run: RunOptions) -> None:
    """List the recovery windows that are open: where, until when, why, and who opened them."""
    _show_windows(run.output, listed(by_hub(Hub.find(run.session), Function.CLOSE_RECOVERY)))


def open_window(
    run: RunOptions, account: AccountArgument, *, hours: Hours, reason: Reason, wait: Wait = False
) -> None:
    """Allow an account's root password to be recovered for some hours.

    The hub opens the window, closes it again by itself, and hardens the account then: that is why windows
    always go through the hub. Everyone who gets alerts gets a message.
    """
    check_consent_possible(run)
    why, account_id = reason_text(reason), run.account_id(account)
    hub = Hub.find(run.session)
    answer = by_hub(hub, Function.OPEN_RECOVERY)
    request = {"account": account_id, "hours": hours, "reason": why, "requestedBy": who_asks(hub.session)}
    answered = accepted(answer({**request, "dryRun": True}))
    if not run.dry_run:
        ask(_opening(answered), "Open this recovery window?", yes=run.yes)
        runbook = Runbook.before(hub, "open_recovery")
        answered = CarryingOut(answer, runbook, wait, run.output, _LOOK).do(request)
    _show_answer(run.output, answered)
    raise typer.Exit(Exit.FAILED if answered.text("result") == "failed" else Exit.DONE)


def close_window(run: RunOptions, account: AccountArgument) -> None:
    """Close an account's recovery window now, and have the account hardened again.

    Shows the window first, and asks: hardening removes the root password, also one that was set meanwhile.
    """
    check_consent_possible(run)
    account_id = run.account_id(account)
    hub = Hub.find(run.session)
    answer = by_hub(hub, Function.CLOSE_RECOVERY)
    found = [window for window in listed(answer) if window.account.account_id == account_id]
    if not found:
        raise Hindered(
            f"No recovery window is open in {account_id}: rootctl recovery list shows those that are."
        )
    if run.dry_run:
        _show_windows(run.output, found)
        raise typer.Exit(Exit.DONE)
    question = "Close this window, and remove the account's root credentials again?"
    ask(_windows_table(found), question, yes=run.yes)
    # Only the one that was shown: it may end, and another be opened, before somebody agrees.
    request = {
        "account": account_id,
        "requestedBy": who_asks(hub.session),
        "until": found[0].detail["until"],
    }
    answered = CarryingOut(answer, look=_LOOK).do(request)
    _show_answer(run.output, answered)
    raise typer.Exit(Exit.DONE if answered.text("result") == "closed" else Exit.FAILED)


def _show_windows(output: Output, windows: Sequence[ListedWindow]) -> None:
    document = {"windows": [found.detail for found in windows]}
    show(output, table=_windows_table(windows), document=document, csv=csv_of(windows, _WINDOW_CSV))


def _windows_table(windows: Sequence[ListedWindow]) -> RenderableType:
    """Return the windows, those that end first first."""
    if not windows:
        return Text("No recovery window is open.")
    columns: Columns[ListedWindow] = {
        "Account": lambda each: "\n".join(n for n in (each.account.name, each.account.account_id) if n),
        "State": lambda each: each.state.value,
        "Until": lambda each: f"{each.window.until:%Y-%m-%d %H:%M} UTC\n{_distance(each.window.until)}",
        "Reason": lambda each: each.window.reason,
        "Opened by": lambda each: each.window.opened_by,
        "Approved by": lambda each: "\n".join(each.approved_by) or "no approval needed",
    }
    return table_of(sorted(windows, key=lambda each: each.window.until), columns, show_lines=True)


def _distance(until: datetime) -> str:
    left = until - utc_now()
    return f"{ago(left)} left" if left.total_seconds() > 0 else f"{ago(-left)} overdue"


def _show_answer(output: Output, answer: Fields) -> None:
    table = Text(printable("\n".join(_lines(answer))))
    show(output, table=table, document=answer.value, csv=csv_of([answer], _ANSWER_CSV))


def _opening(answer: Fields) -> str:
    """Return what is to be opened, from a dry run's answer; raises MalformedEvent."""
    account = AccountReference.from_detail(answer.object("account"))
    window = RecoveryWindow.from_detail(answer.object("window"))
    return printable(
        f"Account {account}: root password recovery would be allowed until {window.until:%Y-%m-%d %H:%M} UTC,"
        f" by {window.opened_by}: {window.reason}"
    )


def _lines(answer: Fields) -> list[str]:
    match answer.text("result"):
        case "would_open":
            return [_opening(answer)]
        case "opened":
            return _opened(answer)
        case "closed":
            closed = answer.optional_texts("closed") or ()
            said = f"Closed: {', '.join(closed)}. It is being hardened again. To see whether that is done:"
            return [said, *(complete(commands.audit(account)) for account in closed)]
        case "nothing_open":
            return [f"{_why(answer)}.", complete("What is open now: rootctl recovery list")]
        case "failed":
            return [
                with_advice(f"Failed: {_why(answer)}."),
                complete("Perhaps a window is open all the same: rootctl recovery list"),
            ]
    return [f"{_why(answer)}."]


def _opened(answer: Fields) -> list[str]:
    window = RecoveryWindow.from_detail(answer.object("window"))
    account = AccountReference.from_detail(answer.object("account"))
    return [
        f"The recovery window of {account} is open until {window.until:%Y-%m-%d %H:%M} UTC.",
        _PASSWORD.get(answer.optional_text("password") or "", ""),
        "At its end the account is hardened again. To end it before:",
        complete(commands.close_window(answer.text("account", "id"))),
    ]


def _why(answer: Fields) -> str:
    words = (answer.optional_text("reason", "code"), answer.optional_text("reason", "text"))
    return ": ".join(word for word in words if word).rstrip(". ") or answer.text("result")
