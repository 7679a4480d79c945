"""Says what would be done with an event, and why, without doing it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.explain.aws_source import AwsSource
from rootctl.explain.explaining import Explaining
from rootctl.explain.explanation import Explanation
from rootctl.options import Output, OutputOption, Profile, Region, show
from rootctl.terminal import csv_lines, printable
from rootwarden.event_fields import MalformedEvent
from rootwarden.events import Envelope
from rootwarden.outcomes import utc_now

EventFile = Annotated[
    str, typer.Argument(metavar="EVENT.json", help="File with one EventBridge event; - for standard input.")
]
Offline = Annotated[bool, typer.Option("--offline", help="Ask AWS nothing; say what could not be known.")]
_COLUMNS = ("function", "would", "because", "account", "told", "notKnown")


def explain(
    event: EventFile,
    *,
    offline: Offline = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Say what would be done with an event, by which function and why, without doing it.

    The functions' own decisions are made, on what AWS and the hub know at this moment; only reads. A message
    of a dead-letter queue is such an event, too.
    """
    envelope = _read(event)
    source = None if offline else AwsSource(AwsSession.begin(profile, region), utc_now)
    found = Explaining(source, utc_now).explain(envelope)
    show(output, found, as_table=_as_table, as_json=_as_json, as_csv=_as_csv)


def _read(name: str) -> Envelope:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return Envelope.from_json(text)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise WrongUsage(f"{name} cannot be read: {why}.") from error
    except MalformedEvent as malformed:
        raise WrongUsage(f"{name} is no EventBridge event: {malformed}.") from malformed


def _as_table(explanations: Sequence[Explanation]) -> RenderableType:
    return Group(*(_told(explanation) for explanation in explanations))


def _told(explanation: Explanation) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    lines = [
        ("Function", explanation.function or "none"),
        ("Account", explanation.account),
        ("Would", explanation.would),
        ("Because", explanation.because),
        ("People get", explanation.told or "nothing"),
        *(("Not known", each) for each in explanation.not_known),
    ]
    for label, text in lines:
        if text:
            table.add_row(label, Text(printable(text)))
    return Group(table, Text(""))


def _as_json(explanations: Sequence[Explanation]) -> str:
    return json.dumps([each.to_detail() for each in explanations], indent=2)


def _as_csv(explanations: Sequence[Explanation]) -> str:
    details = [each.to_detail() | {"notKnown": "; ".join(each.not_known)} for each in explanations]
    return csv_lines(_COLUMNS, ([detail[name] for name in _COLUMNS] for detail in details))
