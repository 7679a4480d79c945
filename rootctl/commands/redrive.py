"""`rootctl redrive`: dead letters go back to their functions, and what accounts could not send comes in."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from rootctl.accounts import OrganizationAccounts
from rootctl.consent import ask, check_consent_possible
from rootctl.dead_letters import DeadLetterGroup, Moved, Mover, dead_letter_groups
from rootctl.errors import Exit, WrongUsage
from rootctl.hub import Function, FunctionFailed, Hub
from rootctl.options import RunOptions
from rootctl.output import Columns, ago, counted, csv_of, printable, progress, record_of, show, table_of
from rootctl.parallel import at_once
from rootctl.queues import FunctionQueues
from rootwarden.accounts import Account
from rootwarden.contract.configured import Mode
from rootwarden.events import MalformedEvent
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused
from rootwarden.sweep.sweep import Sweep, listed
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


# The function looks into every Region's queue of so many accounts in some seconds.
_BATCH = 50
_AT_ONCE = 4

Batch = tuple[Account, ...]


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What became of the accounts' queues. failures: batches the function did not answer for, and why."""

    findings: UndeliveredEvents
    failures: tuple[str, ...] = ()
    is_interrupted: bool = False

    @property
    def exit(self) -> Exit:
        """How the command ends."""
        if self.is_interrupted:
            return Exit.INTERRUPTED
        if self.failures or self.findings.not_looked_at:
            return Exit.FAILED
        return Exit.FINDINGS if self.findings.left else Exit.DONE


def collect(hub: Hub, accounts: Sequence[Account], *, sends: bool) -> Collected:
    """Let the function look into the accounts' queues and, with `sends`, bring in what waits.

    Raises KeyboardInterrupt where a mere look is interrupted: nothing may follow it.
    """
    hub.output(Function.COLLECT_UNDELIVERED)
    now = utc_now()
    sweep = Sweep(sweep_id=f"rootctl-{now:%Y%m%dT%H%M%SZ}", started_at=now, mode=Mode.OBSERVE)

    def ask(batch: Batch) -> UndeliveredEvents | str:
        request: Mapping[str, object] = {
            "BatchInput": sweep.to_detail(),
            "Items": [listed(account) for account in batch],
            **({} if sends else {"dryRun": True}),
        }
        try:
            return UndeliveredEvents.from_detail(
                hub.ask(Function.COLLECT_UNDELIVERED, request).object("findings")
            )
        except (CallRefused, FunctionFailed, MalformedEvent) as error:
            return f"of {counted(len(batch), 'account')}, nothing is known: {error}"

    batches = [tuple(accounts[first : first + _BATCH]) for first in range(0, len(accounts), _BATCH)]
    results = at_once(batches, ask, threads=_AT_ONCE, description="Looking into accounts' queues")
    answers = results.done if sends else results.seen()
    total = UndeliveredEvents()
    for answer in answers.values():
        if isinstance(answer, UndeliveredEvents):
            total += answer
    failures = [answer for answer in answers.values() if isinstance(answer, str)]
    if left := sum(map(len, results.left_out)):
        failures.append(f"of {counted(left, 'account')}, nothing is known: you interrupted it")
    return Collected(findings=total, failures=tuple(failures), is_interrupted=bool(left))


_NOTHING = "Nothing waits in any dead-letter queue."
_GROUP_COLUMNS: Columns[Moved] = {
    "function": lambda each: each.group.function,
    "kind": lambda each: each.group.kind.value,
    "waiting": lambda each: each.group.count,
    "moved": lambda each: each.moved,
    "problem": lambda each: each.problem,
}
_QUEUE_CSV: Columns[QueueFindings] = {
    "account_id": lambda queue: queue.account_id,
    "region": lambda queue: queue.region,
    "waiting": lambda queue: queue.found,
    "sent": lambda queue: queue.sent,
    "left": lambda queue: queue.left,
    "code": lambda queue: queue.code,
    "message": lambda queue: queue.message,
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
        ask(_members_table(collected), f"Bring in about {waiting} from accounts' queues?", yes=run.yes)
        collected = collect(hub, accounts, sends=True)
    show(
        run.output,
        table=_members_table(collected),
        document={**collected.findings.to_detail(), "failures": list(collected.failures)},
        csv=csv_of(collected.findings.queues, _QUEUE_CSV),
    )
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
    of = f"{group.function}: {group.kind}"
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


def _members_table(collected: Collected) -> RenderableType:
    """Return what waits or was brought in, and what could not be looked at."""
    findings = collected.findings
    lines = [Text(_summary(findings))]
    if findings.not_begun:
        lines.append(Text(f"No time was left for {counted(findings.not_begun, 'queue')}.", "yellow"))
    lines += [Text(f"{printable(failure)}", "yellow") for failure in collected.failures]
    if not findings.queues:
        return Group(*lines)
    columns: Columns[QueueFindings] = {
        "Account": lambda queue: queue.account_id,
        "Region": lambda queue: queue.region,
        "Waiting": lambda queue: queue.found,
        "Brought in": lambda queue: queue.sent,
        "Left": lambda queue: queue.left,
        "Why": _why,
    }
    return Group(table_of(findings.queues, columns), *lines)


def _summary(findings: UndeliveredEvents) -> str:
    looked = f"Looked into {counted(findings.looked, 'queue')} of accounts"
    if findings.without_queue:
        looked += f"; in {counted(findings.without_queue, 'place')} there is none"
    if not findings.found:
        return f"{looked}. Nothing waits in them."
    return (
        f"{looked}. {counted(findings.found, 'event')} could not be sent to the hub: {findings.sent} brought"
        f" in, {findings.left} left."
    )


def _why(queue: QueueFindings) -> str:
    said = [f"{reason} ({count})" for reason, count in queue.why.items()]
    said += [f"stays, as {reason} ({count})" for reason, count in queue.stays.items()]
    if queue.code:
        said.append(f"could not look, or go on: {queue.code}: {queue.message}")
    return "; ".join(said)
