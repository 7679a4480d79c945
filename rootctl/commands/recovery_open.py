"""Opens a recovery window."""

from typing import Annotated

import typer

from rootctl.aws import AwsSession
from rootctl.exit_codes import Exit
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
)
from rootctl.recovery.showing import as_csv, as_json, as_table, opening
from rootctl.requests.approvals import Runbook
from rootctl.requests.asking import accepted, by_hub, who_asks
from rootctl.requests.carrying_out import CarryingOut
from rootctl.terminal.consent import ask, check_consent_possible
from rootctl.terminal.showing import show

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
