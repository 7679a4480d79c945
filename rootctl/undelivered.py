"""What accounts could not send to the hub: its function looks and brings it in, and how that is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from rootctl.errors import Exit
from rootctl.failures import may_not_ask
from rootctl.hub import Function, FunctionFailed, Hub
from rootctl.output import Columns, counted, printable, table_of
from rootctl.parallel import at_once
from rootwarden.accounts import Account
from rootwarden.contract.configured import Mode
from rootwarden.events import MalformedEvent
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused
from rootwarden.sweep.sweep import Sweep, listed
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents

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
            # What was brought in by then must still be said.
            if not sends and isinstance(error, CallRefused) and may_not_ask(error):
                raise
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


QUEUE_CSV: Columns[QueueFindings] = {
    "account_id": lambda queue: queue.account_id,
    "region": lambda queue: queue.region,
    "waiting": lambda queue: queue.found,
    "sent": lambda queue: queue.sent,
    "left": lambda queue: queue.left,
    "why": lambda queue: _counts(queue.why),
    "stays": lambda queue: _counts(queue.stays),
    "code": lambda queue: queue.code,
    "message": lambda queue: queue.message,
}


def members_table(collected: Collected) -> RenderableType:
    """Return what could not be looked at, and what waits or was brought in."""
    findings = collected.findings
    lines = [*incomplete(collected), Text(_summary(collected))]
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


def incomplete(collected: Collected) -> list[Text]:
    """Say what nothing is known of: accounts, and queues of others."""
    said = [printable(failure) for failure in collected.failures]
    if collected.findings.not_begun:
        said.append(f"No time was left for {counted(collected.findings.not_begun, 'queue')}.")
    return [Text(each, "yellow") for each in said]


def _summary(collected: Collected) -> str:
    findings = collected.findings
    looked = f"Looked into {counted(findings.looked, 'queue')} of accounts"
    if findings.without_queue:
        looked += f"; in {counted(findings.without_queue, 'place')} there is none"
    if findings.found:
        return (
            f"{looked}. {counted(findings.found, 'event')} could not be sent to the hub: {findings.sent}"
            f" brought in, {findings.left} left."
        )
    is_known = findings.looked and not collected.failures
    return f"{looked}.{' Nothing waits in them.' if is_known else ''}"


def _why(queue: QueueFindings) -> str:
    said = [*_counts(queue.why), *(f"stays, as {each}" for each in _counts(queue.stays))]
    if queue.code:
        said.append(f"could not look, or go on: {queue.code}: {queue.message}")
    return "; ".join(said)


def _counts(reasons: Mapping[str, int]) -> list[str]:
    return [f"{reason} ({count})" for reason, count in reasons.items()]
