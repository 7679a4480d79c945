"""Closes a recovery window before its time."""

import typer

from rootctl.aws import AwsSession
from rootctl.errors import Hindered
from rootctl.exit_codes import Exit
from rootctl.hub import Function, Hub
from rootctl.options import AccountArgument, DryRun, Output, OutputOption, Profile, Region, Yes, account_ids
from rootctl.recovery.showing import as_csv, as_json, as_table
from rootctl.recovery.windows import TellingWindow
from rootctl.recovery.windows import as_csv as windows_as_csv
from rootctl.recovery.windows import as_json as windows_as_json
from rootctl.recovery.windows import as_table as windows_as_table
from rootctl.requests.asking import accepted, by_hub, who_asks
from rootctl.requests.carrying_out import CarryingOut
from rootctl.terminal.consent import ask, check_consent_possible
from rootctl.terminal.showing import show


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
