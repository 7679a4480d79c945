"""`python -m local demo`: the main job from end to end, on one page, and checked."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from embedded_aws.sns import Message
from local.aws import LocalAws
from local.commands.account_postures import PostureRecorder, posture_table
from local.commands.demo_story import (
    JOINING,
    Step,
    StepResult,
    own_records,
    problems_of,
    steps_of,
    summary_of,
)
from local.commands.presentation.messages import message_panel, message_title
from local.commands.presentation.outcomes import outcome_line
from local.commands.presentation.terminal import heading, page
from local.commands.running import running
from local.organization import Organization

ORGANIZATION = Path(__file__).with_name("demo.yaml")
_START = datetime(2026, 6, 1, 12, tzinfo=UTC)
_SHOWN = {"email": "root credentials removed", "slack": "root signed in without MFA"}
_CHANNELS = {"email": "e-mail", "chat": "Slack", "slack": "Slack webhook"}


def run(organization: Organization, *, assembly: Path | None, svg: Path | None) -> int:
    """Play the demo and print its page; returns 1 when anything is not as it should be."""
    began = time.perf_counter()
    console = page(record=svg is not None)
    there = tuple(account for account in organization.accounts if account.name not in JOINING)
    with running(replace(organization, accounts=there), assembly=assembly, start=_START) as aws:
        problems = _play(aws, console, organization, began)
    if svg:
        console.save_svg(str(svg), title="make demo")
    return 1 if problems else 0


def _play(aws: LocalAws, console: Console, organization: Organization, began: float) -> list[str]:
    postures = PostureRecorder(aws)
    heading(console, "What happens, what rootwarden does, and who is notified")
    results = []
    for step in steps_of(aws, {account.name: account for account in organization.accounts}):
        results.append(_taken(aws, step, postures))
        _print_step(console, results[-1])
    own = f"{own_records(aws)} CloudTrail records of rootwarden's own root sessions seen, none alerted"
    console.print(Text.assemble(("\n✔ ", "green"), own))
    heading(console, "Two of these messages")
    for channel, title in _SHOWN.items():
        sent = (message for message in aws.messages if message.channel == channel)
        message = next((m for m in sent if message_title(m).endswith(title)), None)
        if message:
            console.print(message_panel(message))
    rows = postures.compare()
    heading(console, "Root credentials, before and after")
    console.print(posture_table(rows))
    problems = problems_of(aws, results, rows)
    _print_summary(console, summary_of(aws, rows, time.perf_counter() - began), problems)
    return problems


def _taken(aws: LocalAws, step: Step, postures: PostureRecorder) -> StepResult:
    began, outcomes, messages = aws.clock.now(), len(aws.outcomes), len(aws.messages)
    received = len(aws.delivery.received)
    step.act()
    # Other buses have it forwarded.
    events = [
        each.event["detail"]["eventName"]
        for each in aws.delivery.received[received:]
        if each.bus_arn.endswith(f":{each.event['account']}:event-bus/default")
    ]
    postures.look()
    aws.run_until_idle()
    return StepResult(
        step=step,
        began=began,
        ended=aws.clock.now(),
        events=events,
        outcomes=aws.outcomes[outcomes:],
        messages=aws.messages[messages:],
    )


def _print_step(console: Console, result: StepResult) -> None:
    """Print what happened, what rootwarden did, and which messages people got."""
    content: list[RenderableType] = [
        Text(result.step.title, "bold"),
        Text(" · ".join(result.events), "dim"),
    ]
    if result.refused:
        reason = result.refused[0]["detail"]["reason"]["code"]
        minutes = (result.ended - result.began).total_seconds() / 60
        content.append(Text(f"↻ refused ({reason}), tried again for {minutes:.0f} minutes", "yellow"))
    content += [outcome_line(outcome) for outcome in result.final]
    content += _message_lines(result.messages)
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text(f"{result.began:%H:%M}", "cyan"), Group(*content))
    console.print(Padding(grid, (1, 0, 0, 0)))


def _message_lines(messages: Sequence[Message]) -> list[Text]:
    channels: dict[str, list[str]] = {}
    for message in messages:
        title = message_title(message).partition("] ")[2]
        if message.subject is not None:
            channels.setdefault(title, []).append(_CHANNELS[message.channel])
    for message in messages:
        for title, by in channels.items():
            if message.subject is None and message_title(message).endswith(title):
                by.append(_CHANNELS[message.channel])
    return [
        Text.assemble(("✉ ", "blue"), (title, "italic"), (f"  {', '.join(by)}", "dim"))
        for title, by in channels.items()
    ]


def _print_summary(console: Console, text: str, problems: Sequence[str]) -> None:
    """Print what is wrong, then the one line that sums everything up."""
    console.print()
    for problem in problems:
        console.print(Text(f"✘ {problem}", "red"), soft_wrap=True)
    mark, style = ("✘", "bold red") if problems else ("✔", "bold green")
    console.print(Text(f"{mark} {text}", style), soft_wrap=True)
