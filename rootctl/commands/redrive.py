"""Sends what nobody could deal with back to the functions."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from lambdas.domain.clock import utc_now
from rootctl.accounts import OrganizationAccounts
from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.exit_codes import Exit
from rootctl.hub import Hub
from rootctl.options import DryRun, Output, OutputOption, Profile, Region, Yes
from rootctl.queues import FunctionQueues
from rootctl.redrive.members import as_csv as members_csv
from rootctl.redrive.members import as_json as members_json
from rootctl.redrive.members import as_table as members_table
from rootctl.redrive.members import collect
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

Members = Annotated[
    bool,
    typer.Option("--members", help="Bring in what accounts could not send, from their own queues."),
]


def redrive(
    function: Functions = None,
    *,
    members: Members = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show what waits in dead-letter queues and why, and send it back to the functions.

    Mend the cause first, or it comes back. Nothing is lost on the way: at worst an event is dealt with twice,
    which the functions notice. With --dry-run exit code 3 tells that something waits. With --members it is
    about what accounts could not send to the hub, which every sweep brings in as well: the hub's function
    does it, and your own credentials list the accounts (organizations:Describe* and organizations:List*).
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    session = AwsSession.begin(profile, region)
    if members:
        if function:
            raise WrongUsage("--members is about every account: name no function with it.")
        _collect(session, dry_run=dry_run, yes=yes, output=output)
    hub = Hub.find(session)
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


def _collect(session: AwsSession, *, dry_run: bool, yes: bool, output: Output) -> NoReturn:
    hub = Hub.find(session)
    accounts = OrganizationAccounts.of(session).every()
    collected = collect(hub, accounts, sends=False)
    if not dry_run and collected.findings.found:
        waiting = counted(collected.findings.found, "event")
        ask(members_table(collected), f"Bring in about {waiting} from accounts' queues?", yes=yes)
        collected = collect(hub, accounts, sends=True)
    show(output, collected, as_table=members_table, as_json=members_json, as_csv=members_csv)
    raise typer.Exit(collected.exit)


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
