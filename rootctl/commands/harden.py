"""Removes the root credentials of accounts."""

from typing import Annotated

import typer

from rootctl.aws import AwsSession
from rootctl.harden.direct import direct_hardening
from rootctl.harden.ending import How
from rootctl.harden.hardening import Hardening, exit_of
from rootctl.harden.records import as_csv, as_json
from rootctl.harden.table import ended_table, preview_table, question
from rootctl.hub import Function, Hub
from rootctl.options import (
    AccountArguments,
    DryRun,
    Output,
    OutputOption,
    Profile,
    Reason,
    Region,
    ViaHub,
    Yes,
    account_ids,
    reason_text,
)
from rootctl.requests.asking import by_hub, who_asks
from rootctl.terminal.consent import ask, check_consent_possible
from rootctl.terminal.showing import show

RemoveRecentlyUsed = Annotated[
    bool,
    typer.Option(
        "--remove-recently-used",
        help="Remove access keys, too, that were used within the last 30 days.",
    ),
]


def harden(
    account: AccountArguments,
    *,
    reason: Reason = "asked for with rootctl harden",
    remove_recently_used: RemoveRecentlyUsed = False,
    via_hub: ViaHub = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Remove the root credentials of accounts, and prove by reading back that they are gone.

    Shows first what would be removed, and asks. Access keys used within 30 days stay unless told otherwise;
    then exit code 3 tells that something was left for a person to decide, as it does with --dry-run where
    there is something to remove. An account that could not be checked, or is not proven clean in the end,
    makes it 1. Exemptions and recovery windows are known to the hub alone: only --via-hub heeds them.
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    accounts = account_ids(account, named="ACCOUNT")
    why = reason_text(reason)
    session = AwsSession.begin(profile, region)
    answer = by_hub(Hub.find(session), Function.HARDEN_ACCOUNT) if via_hub else direct_hardening(session)
    request = {"reason": why, "requestedBy": who_asks(session), "removeRecentlyUsed": remove_recently_used}
    hardening = Hardening(answer, request)
    previews = hardening.preview(accounts)
    if dry_run:
        show(output, previews, as_table=preview_table, as_json=as_json, as_csv=as_csv)
        raise typer.Exit(exit_of(previews))
    if any(preview.how is How.WOULD_REMOVE for preview in previews):
        ask(preview_table(previews), question(previews), yes=yes)
    endings = hardening.harden(previews)
    show(output, endings, as_table=ended_table, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(exit_of(endings))
