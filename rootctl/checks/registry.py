"""Every check, in the order they are told: what later ones stand on comes first."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.checks.alarm_paths import alarm_paths, coverage
from rootctl.checks.blocking_policies import blocking_policies
from rootctl.checks.last_sweep import last_sweep
from rootctl.checks.opted_in_regions import opted_in_regions
from rootctl.checks.permissions import caller, hub, permissions
from rootctl.checks.queues import member_queues, queues
from rootctl.checks.rules import delegated_administrator, features, rules, subscriptions, trusted_access
from rootctl.checks.surroundings import Result, Status, Surroundings, unknown
from rootctl.checks.trails import trail
from rootctl.errors import Exit, Hindered
from rootctl.next_steps import next_step
from rootctl.terminal import csv_lines, printable
from rootwarden.hardening.removal import CallRefused
from rootwarden.policies.service_control_policies import advice

_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


@dataclass(frozen=True)
class Check:
    """A name, and the function that looks. What it cannot look at, it need not catch."""

    name: str
    look: Callable[[Surroundings], Iterable[Result]]

    def results(self, surroundings: Surroundings) -> Iterator[Result]:
        """Look; what AWS refuses is a result: could not check."""
        try:
            yield from self.look(surroundings)
        except CallRefused as refused:
            yield unknown(str(refused), mend=_mend(refused))
        except Hindered as hindered:
            yield unknown(str(hindered), mend="Mend that first.")


def _mend(refused: CallRefused) -> str:
    cause = refused.__cause__
    operation = cause.operation_name if isinstance(cause, ClientError) else None
    if operation and refused.code in _DENIED and advice(refused.message) is None:
        return f"Allow {operation} to your credentials, or use others (--profile)."
    return next_step(refused.code, operation, refused.message)


CHECKS = (
    Check("caller", caller),
    Check("hub", hub),
    Check("permissions", permissions),
    Check("trusted access", trusted_access),
    Check("features", features),
    Check("delegated administrator", delegated_administrator),
    Check("service control policies", blocking_policies),
    Check("trail", trail),
    Check("member forwarding", coverage),
    Check("opted-in Regions", opted_in_regions),
    Check("rules", rules),
    Check("last sweep", last_sweep),
    Check("alarm paths", alarm_paths),
    Check("queues", queues),
    Check("accounts' queues", member_queues),
    Check("alert channels", subscriptions),
)


_MARKS = {Status.OK: ("✓", "green"), Status.WRONG: ("✗", "bold red"), Status.UNKNOWN: ("?", "bold yellow")}
_COLUMNS = ("check", "status", "text", "mend")


@dataclass(frozen=True)
class Diagnosis:
    """What every check said, in their order."""

    results: Sequence[tuple[str, Result]]

    @property
    def exit(self) -> Exit:
        """What is wrong outweighs what could not be checked; only everything well is done."""
        if self._count(Status.WRONG):
            return Exit.FINDINGS
        return Exit.FAILED if self._count(Status.UNKNOWN) else Exit.DONE

    def as_table(self) -> RenderableType:
        """Return a line a result, its remedy below it, and one line that sums up."""
        width = max((len(name) for name, _ in self.results), default=0)
        told: list[RenderableType] = []
        before = None
        for name, result in self.results:
            told.append(_line("" if name == before else name, result, width))
            if result.mend:
                # On one line however long, so that it can be copied.
                told.append(Text(f"   → {printable(result.mend)}", "cyan", no_wrap=True, overflow="ignore"))
            before = name
        return Group(*told, Text(""), Text(self._summary()))

    def as_json(self) -> str:
        """Return everything, as one document."""
        counts = {status.value: self._count(status) for status in Status}
        return json.dumps({"counts": counts, "results": [_record(*each) for each in self.results]}, indent=2)

    def as_csv(self) -> str:
        """Return a line a result."""
        return csv_lines(_COLUMNS, (_record(*each).values() for each in self.results))

    def _count(self, status: Status) -> int:
        return sum(result.status is status for _, result in self.results)

    def _summary(self) -> str:
        wrong, unknown = self._count(Status.WRONG), self._count(Status.UNKNOWN)
        if not wrong and not unknown:
            return f"All is well: {self._count(Status.OK)} things looked at."
        return f"{wrong} wrong, {unknown} could not be checked, {self._count(Status.OK)} well."


def _line(name: str, result: Result, width: int) -> Table:
    mark, colour = _MARKS[result.status]
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column()
    line.add_column(width=width)
    line.add_column(overflow="fold")
    style = "" if result.status is Status.OK else colour
    line.add_row(Text(mark, colour), name, Text(printable(result.text), style))
    return line


def _record(name: str, result: Result) -> dict[str, str | None]:
    return dict(zip(_COLUMNS, (name, result.status.value, result.text, result.mend), strict=True))
