"""`rootctl redrive`: dead letters go back to their functions, and what accounts could not send comes in."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from rootctl.accounts import OrganizationAccounts
from rootctl.consent import ask, check_consent_possible
from rootctl.dead_letters import DeadLetterGroup, Moved, Mover, dead_letter_groups
from rootctl.errors import Exit, WrongUsage
from rootctl.hub import Hub
from rootctl.options import RunOptions
from rootctl.output import Columns, ago, counted, csv_of, printable, progress, record_of, show, table_of
from rootctl.queues import FunctionQueues
from rootctl.undelivered import QUEUE_CSV, collect, incomplete, members_table
from rootwarden.outcomes import utc_now

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_NOTHING = "Nothing waits in any dead-letter queue."
_GROUP_COLUMNS: Columns[Moved] = {
    "function": lambda each: each.group.function,
    "kind": lambda each: each.group.kind.value,
    "waiting": lambda each: each.group.count,
    "moved": lambda each: each.moved,
    "problem": lambda each: each.problem,
}
Functions = Annotated[
    list[str] | None,
    typer.Argument(metavar="FUNCTION", help="Such as harden_account. Default: every function."),
]
Members = Annotated[
    bool,
    typer.Option("--members", help="Bring in what accounts could not send, from their own queues."),
]


def redrive(run: RunOptions, function: Functions = None, *, members: Members = False) -> None:
    """Show what waits in dead-letter queues and why, and send it back to the functions.

    Remedy the cause first, or it comes back. Nothing is lost on the way: at worst an event is dealt with
    twice, which the functions notice. With --dry-run exit code 3 means that something waits. With --members
    it is about what accounts could not send to the hub, which every sweep brings in as well: the hub's
    function does it, and your own credentials list the accounts (organizations:Describe* and
    organizations:List*).
    """
    check_consent_possible(run)
    if members:
        if function:
            raise WrongUsage("--members is about every account: name no function with it.")
        _collect(run)
    hub = Hub.find(run.session)
    client = run.session.client("sqs")
    moved = [Moved(group) for group in dead_letter_groups(client, _chosen(hub, function), utc_now())]
    waiting = waiting_table([each.group for each in moved])
    if run.dry_run or not moved:
        _show_groups(run, moved, waiting)
        raise typer.Exit(Exit.FINDINGS if moved else Exit.DONE)
    total = sum(each.group.count for each in moved)
    ask(waiting, f"Send about {counted(total, 'message')} back to the functions?", yes=run.yes)
    ended = _move(client, moved, total)
    _show_groups(run, moved, Group(*map(moved_line, moved)))
    raise typer.Exit(ended)


def _collect(run: RunOptions) -> NoReturn:
    hub = Hub.find(run.session)
    accounts = OrganizationAccounts.of(run.session).every()
    collected = collect(hub, accounts, sends=False)
    if not run.dry_run and collected.findings.found:
        waiting = counted(collected.findings.found, "event")
        ask(members_table(collected), f"Bring in about {waiting} from accounts' queues?", yes=run.yes)
        collected = collect(hub, accounts, sends=True)
    show(
        run.output,
        table=members_table(collected),
        document={**collected.findings.to_detail(), "failures": list(collected.failures)},
        csv=csv_of(collected.findings.queues, QUEUE_CSV),
        beside_csv=incomplete(collected),
    )
    raise typer.Exit(collected.exit)


def _chosen(hub: Hub, functions: Sequence[str] | None) -> list[FunctionQueues]:
    every = {each.function: each for each in FunctionQueues.of(hub)}
    unknown = [name for name in functions or () if name not in every]
    if unknown:
        raise WrongUsage(f"{unknown[0]} is none of the functions with queues: {', '.join(every)}.")
    return [every[name] for name in dict.fromkeys(functions or every)]


def _move(client: "SQSClient", moved: Sequence[Moved], total: int) -> Exit:
    to_do = iter(moved)
    try:
        with progress(total, "Moving") as advance:
            mover = Mover(client, time.sleep, advance)
            for each in to_do:
                mover.move(each)
    except KeyboardInterrupt:
        for each in to_do:
            each.problem = "not begun"
        return Exit.INTERRUPTED
    return Exit.FAILED if any(each.problem for each in moved) else Exit.DONE


def _show_groups(run: RunOptions, moved: Sequence[Moved], table: RenderableType) -> None:
    document = [record_of(each, _GROUP_COLUMNS) | {"letters": _letters(each.group)} for each in moved]
    show(run.output, table=table, document=document, csv=csv_of(moved, _GROUP_COLUMNS))


def waiting_table(groups: Sequence[DeadLetterGroup]) -> RenderableType:
    """Return what waits and why."""
    if not groups:
        return Text(_NOTHING)
    return table_of(
        (row for group in groups for row in _rows(group)),
        {
            "Function": lambda row: row[0],
            "Account": lambda row: row[1],
            "Event": lambda row: row[2],
            "Age": lambda row: row[3],
            "Why": lambda row: row[4],
        },
    )


def _rows(group: DeadLetterGroup) -> Iterator[tuple[str, ...]]:
    of = f"{group.function}\n{group.kind}"
    for letter in group.letters:
        yield (of, letter.account or "", letter.event, ago(letter.age), letter.why)
    more = group.count - len(group.letters)
    if more > 0:
        yield (of, "", f"and {more} more", "", "")


def moved_line(each: Moved) -> Text:
    """Say what became of a group."""
    group = each.group
    said = f"{group.function}, {group.kind}: {counted(each.moved, 'message')} moved to its queue"
    if not each.problem:
        return Text(f"{said}.")
    others = "" if each.is_with_sqs else "; the others wait where they were"
    return Text(f"{said}, of about {group.count}{others}. {printable(each.problem)}", "yellow")


def _letters(group: DeadLetterGroup) -> list[dict[str, object]]:
    return [
        {
            "id": each.message_id,
            "account": each.account,
            "event": each.event,
            "why": each.why,
            "ageSeconds": int(each.age.total_seconds()),
        }
        for each in group.letters
    ]
