"""Sends what nobody could deal with back to the functions."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lambdas.domain.clock import utc_now
from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.exit_codes import Exit
from rootctl.hub import Hub
from rootctl.options import DryRun, Output, OutputOption, Profile, Region, Yes
from rootctl.queues import FunctionQueues
from rootctl.redrive.moving import Moved, Mover
from rootctl.redrive.piles import piles
from rootctl.redrive.showing import as_csv, as_json, moved_table, piles_table
from rootctl.terminal.consent import ask, check_consent_possible
from rootctl.terminal.consoles import progress
from rootctl.terminal.showing import show
from rootctl.terminal.wording import counted

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Functions = Annotated[
    list[str] | None,
    typer.Argument(metavar="FUNCTION", help="Such as harden_account. Default: every function."),
]


def redrive(
    function: Functions = None,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show what waits in dead-letter queues and why, and send it back to the functions.

    Mend the cause first, or it comes back. Nothing is lost on the way: at worst an event is dealt with twice,
    which the functions notice. With --dry-run exit code 3 tells that something waits.
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    hub = Hub.find(AwsSession.begin(profile, region))
    client = hub.session.client("sqs")
    moved = [Moved(pile) for pile in piles(client, _chosen(hub, function), utc_now())]
    found = [each.pile for each in moved]
    if dry_run or not moved:
        show(output, moved, as_table=lambda _: piles_table(found), as_json=as_json, as_csv=as_csv)
        raise typer.Exit(Exit.FINDINGS if moved else Exit.DONE)
    total = sum(pile.count for pile in found)
    ask(piles_table(found), f"Send about {counted(total, 'message')} back to the functions?", yes=yes)
    ended = _move(client, moved, total)
    show(output, moved, as_table=moved_table, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(ended)


def _chosen(hub: Hub, functions: Sequence[str] | None) -> list[FunctionQueues]:
    every = {each.function: each for each in FunctionQueues.of(hub)}
    unknown = [name for name in functions or () if name not in every]
    if unknown:
        raise WrongUsage(f"{unknown[0]} is none of the functions with queues: {', '.join(every)}.")
    return [every[name] for name in dict.fromkeys(functions or every)]


def _move(client: "SQSClient", moved: Sequence[Moved], total: int) -> Exit:
    try:
        with progress(total, "Moving") as advance:
            mover = Mover(client, time.sleep, advance)
            for each in moved:
                mover.move(each)
    except KeyboardInterrupt:
        for each in moved:
            if each.moved == 0 and each.problem is None:
                each.problem = "not begun"
        return Exit.INTERRUPTED
    return Exit.FAILED if any(each.problem for each in moved) else Exit.DONE
