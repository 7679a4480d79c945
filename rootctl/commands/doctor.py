"""`rootctl doctor`: what keeps rootwarden from working, and what to type about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.checks.context import DoctorContext, Result, Status
from rootctl.checks.registry import CHECKS
from rootctl.errors import Exit
from rootctl.failures import STEPS_FOR_EVERY_CALL
from rootctl.options import ManagementProfile, RunOptions
from rootctl.output import Columns, copyable, csv_of, printable, record_of, show, some, with_progress
from rootwarden.outcomes import utc_now

EXIT_CODES = (
    "Exit codes: 0 all is ok, 1 something could not be checked and nothing is wrong, 2 wrong usage,"
    " 3 something is wrong (whatever could not be checked besides), 130 interrupted (Ctrl-C)."
)
Found = tuple[str, Result]
_DEFAULT_PROFILE = (
    "An aws command without --profile runs as your default profile: add that of the account it changes."
)
_MARKS = {Status.OK: ("✓", "green"), Status.WRONG: ("✗", "bold red"), Status.UNKNOWN: ("?", "bold yellow")}
_COLUMNS: Columns[Found] = {
    "check": lambda found: found[0],
    "status": lambda found: found[1].status.value,
    "text": lambda found: found[1].text,
    "remedy": lambda found: found[1].remedy,
}


def doctor(run: RunOptions, *, management_profile: ManagementProfile = None) -> None:
    """Find what keeps rootwarden from working: each with what is wrong and the command that remedies it.

    Only reads. Run it with credentials of the hub account, in the hub's Region. What could not be checked
    is shown as that, never as ok; a cause that several checks share is shown once. Reading in the hub account
    is enough for most checks (AWS's policy ReadOnlyAccess, for one); what is refused is named by its action.
    """
    context = DoctorContext(run.session, run.management_session(management_profile), utc_now)
    checks = with_progress(CHECKS, "Checking")
    found = [(check.name, result) for check in checks for result in check.results(context)]
    diagnosis = Diagnosis(found, has_profiles=bool(run.profile or management_profile))
    records = [record_of(found, _COLUMNS) for found in diagnosis.results]
    document = {"counts": diagnosis.counts, "results": records}
    show(run.output, table=diagnosis.table(), document=document, csv=csv_of(diagnosis.results, _COLUMNS))
    raise typer.Exit(diagnosis.exit)


@dataclass(frozen=True)
class Diagnosis:
    """What every check found, in their order. has_profiles: the command was given one."""

    results: Sequence[Found]
    has_profiles: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many results there are of each status."""
        found = [result.status for _, result in self.results]
        return {status.value: found.count(status) for status in Status}

    @property
    def exit(self) -> Exit:
        """What is wrong outweighs what could not be checked; only where all is ok it is done."""
        if self.counts[Status.WRONG]:
            return Exit.FINDINGS
        return Exit.FAILED if self.counts[Status.UNKNOWN] else Exit.DONE

    def table(self) -> RenderableType:
        """Return a line a result, its remedy below it, and one line that sums up."""
        width = max((len(name) for name, _ in self.results), default=0)
        lines: list[RenderableType] = []
        before = None
        for name, result in self._each_cause_once():
            lines.append(_line("" if name == before else name, result, width))
            if result.remedy:
                lines.append(Text(f"   → {copyable(result.remedy)}", "cyan"))
            before = name
        notes = [Text(_DEFAULT_PROFILE, "yellow")] if self._run_as_default else []
        return Group(*lines, Text(""), *notes, Text(self._summary()))

    @property
    def _run_as_default(self) -> bool:
        """Say whether there are commands of aws that do not have the profile which they may need."""
        remedies = [result.remedy or "" for _, result in self.results]
        return self.has_profiles and any("aws " in each and "--profile" not in each for each in remedies)

    def _each_cause_once(self) -> Iterator[Found]:
        """Put together what keeps several checks from looking, where the first of them stands."""
        concerned: dict[Result | str, list[str]] = {}
        for name, result in self.results:
            if result.status is Status.UNKNOWN:
                concerned.setdefault(_cause(result), []).append(name)
        for name, result in self.results:
            first, *others = dict.fromkeys(concerned.get(_cause(result), [name]))
            if name != first:
                continue
            also = f". For the same reason not checked: {some(others, 20)}" if others else ""
            yield name, replace(result, text=f"{result.text}{also}")

    def _summary(self) -> str:
        wrong, unknown, ok = (self.counts[status] for status in (Status.WRONG, Status.UNKNOWN, Status.OK))
        if not wrong and not unknown:
            return f"All is ok: {ok} things looked at."
        return f"{wrong} wrong, {unknown} could not be checked, {ok} ok."


def _cause(result: Result) -> Result | str:
    """Return what results of one cause have in common: services word the same refusal differently."""
    return result.remedy if result.remedy in STEPS_FOR_EVERY_CALL else result


def _line(name: str, result: Result, width: int) -> Table:
    mark, colour = _MARKS[result.status]
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column()
    line.add_column(width=width)
    line.add_column(overflow="fold")
    style = "" if result.status is Status.OK else colour
    line.add_row(Text(mark, colour), name, Text(printable(result.text), style))
    return line
