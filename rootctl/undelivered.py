"""What accounts could not send to the hub, as the hub's function sees it and brings it in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.at_once import at_once
from rootctl.errors import Exit
from rootctl.hub import Function, FunctionFailed, Hub
from rootctl.terminal import counted, csv_lines, printable
from rootwarden.accounts import Account
from rootwarden.contract.settings import SweepMode
from rootwarden.event_fields import MalformedEvent
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import utc_now
from rootwarden.sweep.sweep import Sweep, listed
from rootwarden.undelivered.findings import Findings, QueueFindings

# The function looks into every Region's queue of so many accounts in some seconds.
_BATCH = 50
_AT_ONCE = 4
_COLUMNS = ("account", "region", "waiting", "sent", "left", "problem")

Batch = tuple[Account, ...]


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What became of the accounts' queues. failures: batches the function said nothing of, and why."""

    findings: Findings
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
    """Let the function look into the accounts' queues and, with `sends`, bring in what waits."""
    hub.output(Function.COLLECT_UNDELIVERED)
    now = utc_now()
    sweep = Sweep(sweep_id=f"rootctl-{now:%Y%m%dT%H%M%SZ}", started_at=now, mode=SweepMode.AUDIT)

    def ask(batch: Batch) -> Findings | str:
        request: Mapping[str, object] = {
            "BatchInput": sweep.to_detail(),
            "Items": [listed(account) for account in batch],
            "answer": "rows",
            **({} if sends else {"dryRun": True}),
        }
        try:
            return Findings.from_detail(hub.ask(Function.COLLECT_UNDELIVERED, request).object("findings"))
        except (CallRefused, FunctionFailed, MalformedEvent) as error:
            return f"of {counted(len(batch), 'account')}, nothing is known: {error}"

    batches = [tuple(accounts[first : first + _BATCH]) for first in range(0, len(accounts), _BATCH)]
    harvest = at_once(batches, ask, threads=_AT_ONCE, description="Looking into accounts' queues")
    total = Findings()
    for answer in harvest.done.values():
        if isinstance(answer, Findings):
            total += answer
    failures = tuple(answer for answer in harvest.done.values() if isinstance(answer, str))
    return Collected(findings=total, failures=failures, is_interrupted=harvest.is_interrupted)


def as_table(collected: Collected) -> RenderableType:
    """Return what waits or was brought in, and what could not be looked at."""
    findings = collected.findings
    lines = [Text(_summary(findings))]
    if findings.not_begun:
        lines.append(Text(f"No time was left for {counted(findings.not_begun, 'queue')}.", "yellow"))
    lines += [Text(f"{printable(failure)}", "yellow") for failure in collected.failures]
    if not findings.queues:
        return Group(*lines)
    table = Table()
    for heading in ("Account", "Region", "Waiting", "Brought in", "Left", "Why"):
        table.add_column(heading, overflow="fold")
    for queue in findings.queues:
        cells = (queue.account_id, queue.region, queue.found, queue.sent, queue.left, _why(queue))
        table.add_row(*(Text(printable(str(cell))) for cell in cells))
    return Group(table, *lines)


def _summary(findings: Findings) -> str:
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
    told = [f"{reason} ({count})" for reason, count in queue.why.items()]
    told += [f"stays, as {reason} ({count})" for reason, count in queue.stays.items()]
    if queue.code:
        told.append(f"could not look, or go on: {queue.code}: {queue.message}")
    return "; ".join(told)


def as_json(collected: Collected) -> str:
    """Return everything, as one document."""
    document = {**collected.findings.to_detail(), "failures": list(collected.failures)}
    return json.dumps(document, indent=2)


def as_csv(collected: Collected) -> str:
    """Return a line a queue in which something waits, or that could not be looked into."""
    rows = (
        (queue.account_id, queue.region, queue.found, queue.sent, queue.left, queue.code)
        for queue in collected.findings.queues
    )
    return csv_lines(_COLUMNS, rows)
