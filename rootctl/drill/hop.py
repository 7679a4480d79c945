"""One step of a drill: what should be seen, what was seen, how long it took, and how it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.checks.context import DoctorContext, Result, Status
from rootctl.checks.registry import CHECKS
from rootctl.errors import Exit
from rootctl.output import copyable, printable, with_progress
from rootctl.printed_commands import complete

# By the names that rootctl doctor shows. A step names those that its path leads through.
POLICIES = ("service control policies",)
ENTERING = ("trusted access", "features", "delegated administrator", *POLICIES)
ROUTING = ("rules", "queues")
RECORDS = ("trail", "member forwarding", "alarm paths", *ROUTING)
CHANNELS = ("alert channels",)
_NAME_WIDTH = 18
_SECONDS_WIDTH = 7


def now() -> datetime:
    """Return the time with its fractions: hops may take less than a second."""
    return datetime.now(UTC)


class Sight(StrEnum):
    """Whether a step was seen. unknown: it could not be looked at, which is never as good as seen."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One step. at: when AWS says it happened; seconds: since the step that caused it.

    remedy: what to type or look at where it was not seen. suspects: the checks of rootctl doctor that may
    say why it was not.
    """

    name: str
    sight: Sight
    text: str
    at: datetime = field(default_factory=now)
    seconds: float | None = None
    remedy: str | None = None
    suspects: tuple[str, ...] = ()

    @classmethod
    def seen(
        cls, name: str, text: str, *, at: datetime | None = None, since: datetime | None = None
    ) -> "Hop":
        """Return a step that was seen: now, or when a log says so."""
        at = at or now()
        seconds = max((at - since).total_seconds(), 0.0) if since else None
        return cls(name=name, sight=Sight.SEEN, text=text, at=at, seconds=seconds)

    @classmethod
    def missed(cls, name: str, text: str, remedy: str, *suspects: str) -> "Hop":
        """Return a step that should have been seen, and was not."""
        return cls._not_seen(Sight.NOT_SEEN, name, text, remedy, suspects)

    @classmethod
    def unknown(cls, name: str, text: str, remedy: str, *suspects: str) -> "Hop":
        """Return a step that could not be looked at."""
        return cls._not_seen(Sight.UNKNOWN, name, text, remedy, suspects)

    @classmethod
    def _not_seen(cls, sight: Sight, name: str, text: str, remedy: str, suspects: tuple[str, ...]) -> "Hop":
        return cls(name=name, sight=sight, text=complete(text), remedy=complete(remedy), suspects=suspects)


def exit_of(hops: Iterable[Hop]) -> Exit:
    """Return how the drill ends: a step not seen is a finding; one that could not be looked at, a failure."""
    sights = {hop.sight for hop in hops}
    if Sight.NOT_SEEN in sights:
        return Exit.FINDINGS
    return Exit.FAILED if Sight.UNKNOWN in sights else Exit.DONE


@dataclass(frozen=True)
class CheckFinding:
    """What one check found. A check that could not look says that it could not."""

    check: str
    result: Result


def reasons(hops: Iterable[Hop], context: DoctorContext) -> list[CheckFinding]:
    """Return what is wrong where it may explain a step that was not seen, and what could not be checked."""
    wanted = {check for hop in hops if hop.sight is not Sight.SEEN for check in hop.suspects}
    looks = [check for check in CHECKS if check.name in wanted]
    if not looks:
        return []
    return [
        CheckFinding(check.name, result)
        for check in with_progress(looks, "Looking for the reason")
        for result in check.results(context)
        if result.status is not Status.OK
    ]


def hop_line(hop: Hop) -> RenderableType:
    """Return one step, its remedy below it."""
    took = "" if hop.seconds is None else f"{hop.seconds:.1f} s"
    return _entry(hop.sight, hop.name, took, hop.text, hop.remedy)


def reason_line(reason: CheckFinding) -> RenderableType:
    """Return what a check says of a step that was not seen."""
    found = reason.result
    return _entry(_STATUSES[found.status], reason.check, "", found.text, found.remedy)


_MARKS = {
    Sight.SEEN: ("✓", "green"),
    Sight.NOT_SEEN: ("✗", "bold red"),
    Sight.UNKNOWN: ("?", "bold yellow"),
}
_STATUSES = {Status.OK: Sight.SEEN, Status.WRONG: Sight.NOT_SEEN, Status.UNKNOWN: Sight.UNKNOWN}


def _entry(sight: Sight, name: str, took: str, text: str, remedy: str | None) -> RenderableType:
    mark, colour = _MARKS[sight]
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_column()
    line.add_column(width=_NAME_WIDTH)
    line.add_column(width=_SECONDS_WIDTH, justify="right")
    line.add_column(overflow="fold")
    style = "" if sight is Sight.SEEN else colour
    line.add_row(Text(mark, colour), name, took, Text(printable(text), style))
    if not remedy:
        return line
    return Group(line, Text(f"   → {copyable(remedy)}", "cyan"))
