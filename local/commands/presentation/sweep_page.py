"""What a sweep found, on one page."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from embedded_aws.sns.topics import Message
from local.aws import LocalAws
from local.commands.presentation.messages import message_title
from local.scenarios.sweeping import SweepResult

_RESULTS = {
    "clean": ("green", "no root credentials, proven"),
    "hardened": ("green", "removed and read back by this sweep"),
    "exposed": ("red", "root credentials exist"),
    "partial": ("red", "not everything could be removed"),
    "unreachable": ("yellow", "nobody could look: says nothing"),
    "not_active": ("dim", "suspended, closed or not activated"),
    "management": ("dim", "root sessions never reach it"),
}
_KINDS = {
    "password": "password",
    "accessKeys": "access keys",
    "signingCertificates": "certificates",
    "mfaDevices": "MFA",
}
_CHECKS = {"pass": ("✔", "green"), "fail": ("✘", "red"), "unknown": ("?", "yellow")}
_CHANGES = {
    "added": "new",
    "removed": "gone",
    "nowExposed": "now exposed",
    "nowClean": "now clean",
    "nowUnreachable": "now unreachable",
}
_BAR, _ROWS, _MESSAGES = 40, 12, 5


class SweepPage:
    """Prints the page part by part."""

    def __init__(self, console: Console) -> None:
        """Print on this console."""
        self._console = console

    def report(self, report: Mapping[str, Any]) -> None:
        """Print totals, what needs attention, checks and changes."""
        self._heading(f"{report['totals']['accounts']} accounts, swept in {report['mode']} mode")
        self._console.print(_totals(report["totals"]))
        rows = [row for row in report["accounts"] if _needs_attention(row)]
        if rows:
            self._heading(f"{len(rows)} accounts need attention")
            self._console.print(_attention(rows))
        self._heading("Also checked")
        for check in report["checks"]:
            mark, style = _CHECKS[check["status"]]
            self._console.print(Text.assemble((f"{mark} ", style), check["text"]), soft_wrap=True)
        self._heading("Since the sweep before")
        changes = [f"{len(report['changes'][key])} {text}" for key, text in _CHANGES.items()]
        self._console.print(", ".join(changes))

    def messages(self, messages: Iterable[Message]) -> None:
        """Print what people were told by e-mail; Slack has the same."""
        self._heading("What people are told")
        titles = [message_title(message) for message in messages if message.channel == "email"]
        # The sweep itself is told of last.
        for title in titles[-_MESSAGES:] or ["nothing: nothing is wrong"]:
            self._console.print(Text.assemble(("✉ ", "blue"), title), soft_wrap=True)
        if len(titles) > _MESSAGES:
            self._console.print(Text(f"… and {len(titles) - _MESSAGES} before", "dim"))

    def files(self, files: Sequence[Path]) -> None:
        """Print where the report is."""
        self._heading("The report")
        for file in files:
            self._console.print(str(file), soft_wrap=True)

    def summary(self, aws: LocalAws, result: SweepResult, seconds: float, problems: Sequence[str]) -> None:
        """Print what is wrong, then the one line that sums everything up."""
        self._console.print()
        for problem in problems:
            self._console.print(Text(f"✘ {problem}", "red"), soft_wrap=True)
        totals = (result.report or {}).get("totals", {})
        counts = ", ".join(f"{totals[name]} {name}" for name in _RESULTS if totals.get(name))
        records = sum(line.get("verdict") == "our_own_session" for line in aws.logs)
        text = (
            f"{counts}; every row held against what is there; {records} records of our own sessions, "
            f"none alerted ({len(aws.calls)} calls, {seconds:.0f} s)"
        )
        mark, style = ("✘", "bold red") if problems else ("✔", "bold green")
        self._console.print(Text(f"{mark} {text}", style), soft_wrap=True)

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Rule(Text(text, "bold"), align="left", style="dim"))


def _totals(totals: Mapping[str, int]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for result, (style, meaning) in _RESULTS.items():
        count = totals[result]
        if count:
            length = max(1, round(_BAR * count / totals["accounts"]))
            table.add_row(
                Text(result, style), Text(str(count), justify="right"), Text("█" * length, style), meaning
            )
    exempt = Text(f"of these {totals['exempt']} exempt", "dim")
    table.add_row("", "", exempt, "") if totals["exempt"] else None
    return table


def _needs_attention(row: Mapping[str, Any]) -> bool:
    on_purpose = row["exemption"] or (row["result"] == "exposed" and row["recoveryWindow"])
    return row["result"] in ("exposed", "partial", "unreachable") and not on_purpose


def _attention(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("account", "id", "result", "root credentials, or why nobody knows"):
        table.add_column(title, no_wrap=title != "root credentials, or why nobody knows")
    # Every result is shown, however many there are of another.
    chosen = sorted(rows, key=lambda row: (_rank(rows, row), row["id"]))[:_ROWS]
    for row in sorted(chosen, key=lambda row: list(_RESULTS).index(row["result"])):
        style = _RESULTS[row["result"]][0]
        table.add_row(row["name"] or "", row["id"], Text(row["result"], style), _what(row))
    if len(rows) > len(chosen):
        table.add_row(Text(f"… and {len(rows) - len(chosen)} more", "dim"), "", "", "")
    return table


def _rank(rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> int:
    alike = [
        other for other in rows if other["result"] == row["result"] and other["posture"] == row["posture"]
    ]
    return alike.index(row)


def _what(row: Mapping[str, Any]) -> str:
    posture = row["posture"]
    found = ", ".join(text for kind, text in _KINDS.items() if posture and posture[kind])
    why = f"{row['code']}: {row['message']}" if row["code"] else ""
    return "; ".join(filter(None, [found, why]))
