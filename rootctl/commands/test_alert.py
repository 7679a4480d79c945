"""`rootctl test-alert`: a test alert that goes the way real ones go, and by which channels it left.

notify puts on record each channel that took a message.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from time import sleep

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.alert_channels import AlertChannel, alert_channels
from rootctl.errors import Exit
from rootctl.hub import Hub
from rootctl.options import RunOptions
from rootctl.output import Columns, copyable, counted, csv_of, printable, record_of, show
from rootctl.printed_commands import complete
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.clients import refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.events import AccountId
from rootwarden.messages.compose import AlertTest
from rootwarden.outcomes import AccountReference, utc_now
from rootwarden.refusals import CallRefused

# EventBridge, a queue and a function: seconds as a rule, more when the function has to start.
PATIENCE_SECONDS = 60
_SECONDS_BETWEEN_LOOKS = 3
_LEFT = {True: ("left", "green"), False: ("did not leave", "bold red"), None: ("", "")}
_CONFIRMED = {True: "confirmed", False: "not confirmed: it gets nothing", None: "configured"}


def send_test_alert(run: RunOptions) -> None:
    """Send a test alert the way real ones go, and say by which channels it was seen leaving.

    Whether it arrives, people have to say. Exit code 3: a channel is not confirmed, it did not leave by one
    within a minute, or there is none. Exit code 1: whether it left could not be seen.
    """
    hub = Hub.find(run.session)
    channels = alert_channels(hub)
    found = _Test(channels) if run.dry_run else _sent(hub, channels)
    columns: Columns[AlertChannel] = {
        "kind": lambda each: each.kind,
        "address": lambda each: each.address,
        "confirmed": lambda each: each.is_confirmed,
        "left": found.has_left,
        "remedy": lambda each: None if each.is_confirmed else each.remedy,
    }
    document = {
        "sent": found.event_id is not None,
        "eventId": found.event_id,
        "notLeft": None if found.left is None else found.stuck,
        "why": found.why,
        "channels": [record_of(each, columns) for each in channels],
    }
    show(
        run.output,
        table=_table(found),
        document=document,
        csv=csv_of(channels, columns),
        beside_csv=map(printable, _lines(found)),
    )
    raise typer.Exit(found.exit)


@dataclass(frozen=True)
class _Test:
    """The alert and the channels there are. event_id: EventBridge's, None where nothing was sent.

    left: the ways by which notify saw it leave; None where that could not be seen, and why.
    """

    channels: Sequence[AlertChannel]
    event_id: str | None = None
    left: frozenset[str] | None = frozenset()
    why: str | None = None

    @property
    def reached(self) -> list[AlertChannel]:
        """The channels that carry it, as far as their confirmation says."""
        return [each for each in self.channels if each.is_confirmed is not False]

    @property
    def stuck(self) -> list[str]:
        """The ways by which it was not seen leaving."""
        ways = {each.name for each in self.channels}
        return sorted(ways - (self.left or frozenset())) if self.event_id else []

    @property
    def exit(self) -> Exit:
        """A channel that carries nothing outweighs what could not be seen."""
        if not self.channels or len(self.reached) < len(self.channels):
            return Exit.FINDINGS
        if self.left is None:
            return Exit.FAILED
        return Exit.FINDINGS if self.stuck else Exit.DONE

    def has_left(self, channel: AlertChannel) -> bool | None:
        """Say whether it left by a channel's way; None where nothing was sent or could be seen."""
        return None if self.event_id is None or self.left is None else channel.name in self.left


def _sent(hub: Hub, channels: Sequence[AlertChannel]) -> _Test:
    event_id = _publish(hub)
    try:
        left = departed(hub, event_id, {each.name for each in channels})
    except CallRefused as refused:
        return _Test(channels, event_id, left=None, why=str(refused))
    return _Test(channels, event_id, left)


def _publish(hub: Hub) -> str:
    caller = hub.session.caller()
    test = AlertTest(
        account=AccountReference(account_id=AccountId(caller.split(":")[4])),
        requested_by=caller,
        occurred_at=utc_now(),
    )
    return OutcomeBus(hub.session.client("events"), hub.output("BusName")).send(test)


def departed(hub: Hub, event_id: str, channels: Collection[str]) -> frozenset[str]:
    """Return the channels that took the event's message, waiting for all of them; raises CallRefused."""
    table = StateTable(hub.session.client("dynamodb"), hub.output("StateTableName"))
    claims = ClaimsTable(table, KeyKind.MESSAGE)
    for look in range(PATIENCE_SECONDS // _SECONDS_BETWEEN_LOOKS + 1):
        if look:
            sleep(_SECONDS_BETWEEN_LOOKS)
        with refusals():
            noted = (claims.noted(event_id) or "").split(",")
            found = frozenset(channels) if claims.is_done(event_id) else frozenset(channels) & set(noted)
        if found == frozenset(channels):
            break
    return found


def _table(test: _Test) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    for each in test.channels:
        colour = "yellow" if each.is_confirmed is False else "green"
        state = Text(_CONFIRMED[each.is_confirmed], colour)
        left = test.has_left(each)
        table.add_row(each.kind, Text(printable(each.address)), state, Text(*_LEFT[left]))
    remedies = (
        Text(f"→ {copyable(each.remedy or '')}", "cyan")
        for each in test.channels
        if each.is_confirmed is False
    )
    return Group(*(Text(printable(line)) for line in _lines(test)), table, *remedies)


def _lines(test: _Test) -> Iterator[str]:
    if not test.reached:
        yield "Alerts reach no one."
    elif test.event_id is None:
        yield f"A test alert would go, by {counted(len(test.reached), 'channel')}."
    if test.event_id is None:
        return
    yield f"EventBridge took the test alert (event {test.event_id})."
    if test.left is None:
        yield f"Whether it left could not be seen: {test.why}. Allow dynamodb:GetItem on the state table."
    elif test.stuck:
        yield (
            f"Within {PATIENCE_SECONDS} seconds it did not leave by {', '.join(test.stuck)}."
            f" Run {complete('rootctl doctor')}: rules, queues and dead letters say where it is."
        )
    elif test.channels:
        yield "notify saw it leave by every channel. Ask people whether it arrived."
