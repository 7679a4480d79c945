"""What came of replayed events, on one page."""

import json
from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from local.aws import LocalAws
from local.commands.account_postures import AccountPostures
from local.commands.event_files import FiledEvent
from local.commands.presentation.calls import call_lines
from local.commands.presentation.messages import message_panel
from local.commands.presentation.outcomes import outcome_line
from local.commands.presentation.postures import posture_table

Rules = Sequence[tuple[FiledEvent, Sequence[str]]]


def print_replay(
    console: Console, aws: LocalAws, *, rules: Rules, postures: Sequence[AccountPostures]
) -> None:
    """Print events with the rules each started, outcomes, messages, postures and what was lost."""
    _section(console, "Events", [_event_line(filed, started) for filed, started in rules])
    _section(console, "Outcomes", [outcome_line(outcome) for outcome in aws.outcomes])
    _section(console, "Messages", [message_panel(message) for message in aws.messages])
    _section(console, "Root credentials", [posture_table(postures)])
    _section(
        console,
        "Dead-letter queues",
        [Text(f"✘ {letter.queue}: {letter.reason}\n  {letter.body}", "red") for letter in aws.dead_letters],
    )
    if aws.lost_events:
        lost = [Text(f"✘ {event.rule_arn}: {event.reason}", "red") for event in aws.lost_events]
        _section(console, "Lost events", lost)


def print_calls(console: Console, aws: LocalAws) -> None:
    """Print every AWS call the functions made."""
    _section(console, "AWS calls of the functions", list(call_lines(aws.calls)))


def print_logs(console: Console, aws: LocalAws) -> None:
    """Print the functions' log lines."""
    lines = [Text(json.dumps(line, ensure_ascii=False, default=str)) for line in aws.logs]
    _section(console, "Log lines", lines)


def _event_line(filed: FiledEvent, rules: Sequence[str]) -> Text:
    event = filed.event
    name = event["detail"].get("eventName") or event["detail-type"]
    line = Text.assemble(str(name), ("  in ", "dim"), f"{event['account']} {event['region']}")
    line.append(f"  {filed.origin}", "dim")
    return line if rules else line.append("\n  reached no rule", "yellow")


def _section(console: Console, title: str, content: Sequence[RenderableType]) -> None:
    console.print()
    console.print(Rule(f"{title}: none" if not content else title, align="left", style="dim"))
    for item in content:
        # A line of text may be longer than the page: whoever searches it wants it whole.
        console.print(item, soft_wrap=isinstance(item, Text))
