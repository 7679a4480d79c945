"""What accounts could not send to the hub, as the hub's function sees it and brings it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rootctl.at_once import at_once
from rootctl.errors import Exit
from rootctl.hub import Function, FunctionFailed, Hub
from rootctl.output import counted
from rootwarden.accounts import Account
from rootwarden.contract.modes import Mode
from rootwarden.event_fields import MalformedEvent
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import utc_now
from rootwarden.sweep.sweep import Sweep, listed
from rootwarden.undelivered.findings import Findings

# The function looks into every Region's queue of so many accounts in some seconds.
_BATCH = 50
_AT_ONCE = 4

Batch = tuple[Account, ...]


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What became of the accounts' queues. failures: batches the function did not answer for, and why."""

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
    sweep = Sweep(sweep_id=f"rootctl-{now:%Y%m%dT%H%M%SZ}", started_at=now, mode=Mode.OBSERVE)

    def ask(batch: Batch) -> Findings | str:
        request: Mapping[str, object] = {
            "BatchInput": sweep.to_detail(),
            "Items": [listed(account) for account in batch],
            **({} if sends else {"dryRun": True}),
        }
        try:
            return Findings.from_detail(hub.ask(Function.COLLECT_UNDELIVERED, request).object("findings"))
        except (CallRefused, FunctionFailed, MalformedEvent) as error:
            return f"of {counted(len(batch), 'account')}, nothing is known: {error}"

    batches = [tuple(accounts[first : first + _BATCH]) for first in range(0, len(accounts), _BATCH)]
    results = at_once(batches, ask, threads=_AT_ONCE, description="Looking into accounts' queues")
    total = Findings()
    for answer in results.done.values():
        if isinstance(answer, Findings):
            total += answer
    failures = [answer for answer in results.done.values() if isinstance(answer, str)]
    if left := sum(map(len, results.unfinished + results.not_begun)):
        failures.append(f"of {counted(left, 'account')}, nothing is known: you interrupted it")
    return Collected(findings=total, failures=tuple(failures), is_interrupted=results.is_interrupted)
