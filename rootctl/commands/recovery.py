"""rootctl recovery: opens, closes and lists recovery windows."""

import json
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from rootctl.approvals import Runbook
from rootctl.aws import AwsSession
from rootctl.consent import ask, check_consent_possible
from rootctl.errors import Exit, Hindered
from rootctl.hub import Function, Hub
from rootctl.options import (
    AccountArgument,
    DryRun,
    Output,
    OutputOption,
    Profile,
    Reason,
    Region,
    Wait,
    Yes,
    account_ids,
    reason_text,
    show,
)
from rootctl.recovery_windows import TellingWindow
from rootctl.recovery_windows import as_csv as windows_as_csv
from rootctl.recovery_windows import as_json as windows_as_json
from rootctl.recovery_windows import as_table as windows_as_table
from rootctl.requests import CarryingOut, accepted, by_hub, who_asks
from rootctl.terminal import csv_lines, printable
from rootwarden.event_fields import Fields
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import RecoveryWindow


def list_windows(
    *, profile: Profile = None, region: Region = None, output: OutputOption = Output.TABLE
) -> None:
    """List the recovery windows that are open: where, until when, why, by whose word."""
    answer = by_hub(Hub.find(AwsSession.begin(profile, region)), Function.CLOSE_RECOVERY)
    windows = [TellingWindow.read(each) for each in accepted(answer({"list": True})).objects("windows")]
    show(output, windows, as_table=windows_as_table, as_json=windows_as_json, as_csv=windows_as_csv)


_PASSWORD = {
    "created": "Its root user's password can be recovered now, at https://signin.aws.amazon.com/resetpassword",
    "existed": "Its root password existed already, or could be recovered before.",
}
_COLUMNS = ("result", "account", "until", "password", "closed", "code", "message")


def as_table(answer: Fields) -> RenderableType:
    """Return in sentences what was done."""
    return Text(printable("\n".join(_lines(answer))))


def as_json(answer: Fields) -> str:
    """Return the answer as it came."""
    return json.dumps(answer.value, indent=2)


def as_csv(answer: Fields) -> str:
    """Return one line."""
    closed = answer.optional_texts("closed") or ()
    about = (answer.optional_text(*path) for path in (("account", "id"), ("window", "until"), ("password",)))
    why = (answer.optional_text("reason", "code"), answer.optional_text("reason", "text"))
    return csv_lines(_COLUMNS, [(answer.text("result"), *about, " ".join(closed), *why)])


def opening(answer: Fields) -> str:
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
            return [opening(answer)]
        case "opened":
            return _opened(answer)
        case "closed":
            closed = ", ".join(answer.optional_texts("closed") or ())
            return [f"Closed: {closed}. It is being hardened again; rootctl audit tells when that is done."]
        case "failed":
            return [
                f"Failed: {_why(answer)}.",
                "Perhaps a window is open all the same: rootctl recovery list",
            ]
    return [f"{_why(answer)}."]


def _opened(answer: Fields) -> list[str]:
    window = RecoveryWindow.from_detail(answer.object("window"))
    account = AccountReference.from_detail(answer.object("account"))
    return [
        f"The recovery window of {account} is open until {window.until:%Y-%m-%d %H:%M} UTC.",
        _PASSWORD.get(answer.optional_text("password") or "", ""),
        "At its end, or after rootctl recovery close, the account is hardened again.",
    ]


def _why(answer: Fields) -> str:
    words = (answer.optional_text("reason", "code"), answer.optional_text("reason", "text"))
    return ": ".join(word for word in words if word).rstrip(". ") or answer.text("result")


Hours = Annotated[
    int,
    typer.Option("--hours", metavar="N", help="For how long, in whole hours; the hub says at most how many."),
]


def open_window(
    account: AccountArgument,
    *,
    hours: Hours,
    reason: Reason,
    wait: Wait = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Allow an account's root password to be recovered for some hours.

    The hub opens the window, closes it again by itself, and hardens the account then: that is why windows
    always go through the hub. Everyone who gets alerts is told.
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    [account_id] = account_ids([account], named="ACCOUNT")
    why = reason_text(reason)
    hub = Hub.find(AwsSession.begin(profile, region))
    answer = by_hub(hub, Function.OPEN_RECOVERY)
    request = {"account": account_id, "hours": hours, "reason": why, "requestedBy": who_asks(hub.session)}
    answered = accepted(answer({**request, "dryRun": True}))
    if not dry_run:
        ask(opening(answered), "Open this recovery window?", yes=yes)
        answered = CarryingOut(answer, Runbook.before(hub, "open_recovery"), wait, output).do(request)
    show(output, answered, as_table=as_table, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(Exit.FAILED if answered.text("result") == "failed" else Exit.DONE)


def close_window(
    account: AccountArgument,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Close an account's recovery window now, and have the account hardened again.

    Shows the window first, and asks: hardening removes the root password, also one that was set meanwhile.
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    [account_id] = account_ids([account], named="ACCOUNT")
    hub = Hub.find(AwsSession.begin(profile, region))
    answer = by_hub(hub, Function.CLOSE_RECOVERY)
    every = map(TellingWindow.read, accepted(answer({"list": True})).objects("windows"))
    found = [window for window in every if window.account.account_id == account_id]
    if not found:
        raise Hindered(
            f"No recovery window is open in {account_id}: rootctl recovery list shows those that are."
        )
    if dry_run:
        show(output, found, as_table=windows_as_table, as_json=windows_as_json, as_csv=windows_as_csv)
        raise typer.Exit(Exit.DONE)
    ask(
        windows_as_table(found),
        "Close this window, and remove the account's root credentials again?",
        yes=yes,
    )
    by = {"how": "request", "by": who_asks(hub.session)}
    answered = CarryingOut(answer).do({"account": account_id, "closedBy": by})
    show(output, answered, as_table=as_table, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(Exit.DONE if answered.text("result") == "closed" else Exit.FAILED)
