"""The demo's page: steps as they happen, two messages in full, the postures, one summary line."""

from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from embedded_aws.sns import Message
from local.commands.account_postures import AccountPostures, posture_table
from local.commands.demo_checks import StepResult
from local.commands.presentation.messages import message_panel, message_title
from local.commands.presentation.outcomes import outcome_line

_CHANNELS = {"email": "e-mail", "chat": "Slack", "slack": "Slack webhook"}


class DemoPage:
    """Prints the page part by part."""

    def __init__(self, console: Console) -> None:
        """Print on this console."""
        self._console = console

    def heading(self, text: str) -> None:
        """Begin a part of the page."""
        self._console.print()
        self._console.print(Rule(Text(text, "bold"), align="left", style="dim"))

    def step(self, result: StepResult) -> None:
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
        self._console.print(Padding(grid, (1, 0, 0, 0)))

    def own_sessions(self, records: int) -> None:
        """Print how often rootwarden saw itself at work and knew it."""
        self._console.print()
        self._console.print(
            Text.assemble(
                ("✔ ", "green"),
                f"{records} CloudTrail records of rootwarden's own root sessions seen, none alerted",
            )
        )

    def message(self, message: Message) -> None:
        """Print a message in full."""
        self._console.print(message_panel(message))

    def postures(self, rows: Iterable[AccountPostures]) -> None:
        """Print every account's root credentials before and after."""
        self._console.print(posture_table(rows))

    def summary(self, text: str, problems: Sequence[str]) -> None:
        """Print what is wrong, then the one line that sums everything up."""
        self._console.print()
        for problem in problems:
            self._console.print(Text(f"✘ {problem}", "red"), soft_wrap=True)
        style = "bold red" if problems else "bold green"
        mark = "✘" if problems else "✔"
        self._console.print(Text(f"{mark} {text}", style), soft_wrap=True)


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
