"""Piles of dead letters and what became of them, for people and for programs."""

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.accounts import OrganizationAccounts
from rootctl.aws import AwsSession
from rootctl.checks.queues import FunctionQueues
from rootctl.consent import ask, check_consent_possible
from rootctl.dead_letters import Moved, Mover, Pile, piles
from rootctl.errors import Exit, WrongUsage
from rootctl.hub import Hub
from rootctl.options import DryRun, Output, OutputOption, Profile, Region, Yes, show
from rootctl.terminal import ago, counted, csv_lines, printable, progress
from rootctl.undelivered import as_csv as members_csv
from rootctl.undelivered import as_json as members_json
from rootctl.undelivered import as_table as members_table
from rootctl.undelivered import collect
from rootwarden.outcomes import utc_now

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_NOTHING = "Nothing waits in any dead-letter queue."
_COLUMNS = ("function", "kind", "waiting", "moved", "problem")


def piles_table(piles: Sequence[Pile]) -> RenderableType:
    """Return what waits and why."""
    if not piles:
        return Text(_NOTHING)
    table = Table()
    for heading in ("Function", "Waits as", "Event", "Age", "Why"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Age")
    for pile in piles:
        for letter in pile.letters:
            cells = (letter.what, ago(letter.age), letter.why)
            table.add_row(pile.function, pile.kind.value, *(Text(printable(cell)) for cell in cells))
        more = pile.count - len(pile.letters)
        if more > 0:
            table.add_row(pile.function, pile.kind.value, f"and {more} more", "", "")
    return table


def moved_table(moved: Sequence[Moved]) -> RenderableType:
    """Return what was moved, and what was not."""
    if not moved:
        return Text(_NOTHING)
    return Group(*(Text(_told(each), "yellow" if each.problem else "") for each in moved))


def _told(each: Moved) -> str:
    told = f"{each.pile.function}, {each.pile.kind}: {counted(each.moved, 'message')} moved to its queue"
    if not each.problem:
        return f"{told}."
    return f"{told}, of about {each.pile.count}; the others wait where they were. {printable(each.problem)}"


def as_json(moved: Sequence[Moved]) -> str:
    """Return everything, as one document."""
    return json.dumps([_record(each) | {"letters": _letters(each.pile)} for each in moved], indent=2)


def as_csv(moved: Sequence[Moved]) -> str:
    """Return a line a dead-letter queue."""
    return csv_lines(_COLUMNS, (_record(each).values() for each in moved))


def _record(each: Moved) -> dict[str, object]:
    values = (each.pile.function, each.pile.kind.value, each.pile.count, each.moved, each.problem)
    return dict(zip(_COLUMNS, values, strict=True))


def _letters(pile: Pile) -> list[dict[str, object]]:
    return [
        {
            "id": each.message_id,
            "what": each.what,
            "why": each.why,
            "ageSeconds": int(each.age.total_seconds()),
        }
        for each in pile.letters
    ]


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
