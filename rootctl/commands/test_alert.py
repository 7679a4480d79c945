"""Asks for an alert that means nothing, to see that alerts reach people."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lambdas.adapters.outcome_bus import OutcomeBus
from lambdas.domain.accounts import AccountId
from lambdas.domain.alert_test import AlertTest
from lambdas.domain.clock import utc_now
from lambdas.domain.outcomes import AccountReference
from rootctl.alert_channels import Channel, alert_channels
from rootctl.aws import AwsSession
from rootctl.exit_codes import Exit
from rootctl.hub import Hub
from rootctl.options import DryRun, Output, OutputOption, Profile, Region
from rootctl.terminal.consoles import printable
from rootctl.terminal.csv_lines import csv_lines
from rootctl.terminal.showing import show
from rootctl.terminal.wording import counted

_CONFIRMED = {True: "confirmed", False: "not confirmed: it gets nothing", None: "configured"}


@dataclass(frozen=True)
class _Test:
    """Whether the alert was sent, and the channels there are."""

    is_sent: bool
    channels: Sequence[Channel]

    @property
    def reached(self) -> list[Channel]:
        """The channels that carry it."""
        return [each for each in self.channels if each.is_confirmed is not False]


def send_test_alert(
    *,
    dry_run: DryRun = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Send a test alert the way real ones go, and say through which channels.

    Whether it arrives, people have to say. Exit code 3 tells of a channel that is not confirmed, or of none.
    """
    hub = Hub.find(AwsSession.begin(profile, region))
    channels = alert_channels(hub)
    if not dry_run:
        _publish(hub)
    found = _Test(is_sent=not dry_run, channels=channels)
    show(output, found, as_table=_as_table, as_json=_as_json, as_csv=_as_csv)
    is_well = 0 < len(channels) == len(found.reached)
    raise typer.Exit(Exit.DONE if is_well else Exit.FINDINGS)


def _publish(hub: Hub) -> None:
    caller = hub.session.caller()
    test = AlertTest(
        account=AccountReference(account_id=AccountId(caller.split(":")[4])),
        requested_by=caller,
        occurred_at=utc_now(),
    )
    OutcomeBus(hub.session.client("events"), hub.output("BusName")).publish(test)


def _as_table(test: _Test) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for each in test.channels:
        colour = "yellow" if each.is_confirmed is False else "green"
        state = Text(_CONFIRMED[each.is_confirmed], colour)
        table.add_row(each.kind, Text(printable(each.address)), state)
        if each.is_confirmed is False:
            table.add_row("", Text(f"→ {each.mend}", "cyan"), "")
    sent = "A test alert is on its way" if test.is_sent else "A test alert would go"
    told = f"{sent}, by {counted(len(test.reached), 'channel')}." if test.reached else "Alerts reach nobody."
    return Group(Text(told), table)


def _as_json(test: _Test) -> str:
    channels = [_record(each) for each in test.channels]
    return json.dumps({"sent": test.is_sent, "channels": channels}, indent=2)


def _as_csv(test: _Test) -> str:
    records = [_record(each) for each in test.channels]
    return csv_lines(("kind", "address", "confirmed", "mend"), (each.values() for each in records))


def _record(channel: Channel) -> dict[str, object]:
    values = asdict(channel)
    return {
        "kind": values["kind"],
        "address": values["address"],
        "confirmed": channel.is_confirmed,
        "mend": None if channel.is_confirmed else values["mend"],
    }
