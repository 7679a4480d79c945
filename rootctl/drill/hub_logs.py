"""What the hub's functions logged: outcomes they published, records they assessed, notifications they sent.

The logs are where a drill looks because reading them changes nothing: no rule, queue or subscription has to
be created to listen on the bus. docs/architecture.md lists the messages.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any, TypeAlias

from rootctl.hub import Hub
from rootctl.terminal import read_json
from rootwarden.aws.errors import refusals
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.outcomes import utc_now

_OUTPUT = "FunctionLogs"
_BETWEEN_LOOKS = 5.0
# The operator's clock and AWS's may differ by this much.
_CLOCKS_DIFFER = timedelta(seconds=30)


@dataclass(frozen=True)
class LogLine:
    """One line. at: when the function wrote it, by AWS's clock."""

    at: datetime
    fields: Fields

    @property
    def message(self) -> str | None:
        """What kind of line it is."""
        return self.fields.optional_text("message")


@dataclass(frozen=True)
class HubLogs:
    """The logs since a drill began."""

    client: Any
    groups: Mapping[str, str]
    begun: datetime

    @classmethod
    def of(cls, hub: Hub) -> "HubLogs":
        """Return the logs from now on; raises NoHub and CallRefused."""
        named = Fields(read_json(hub.output(_OUTPUT), _OUTPUT), _OUTPUT)
        names = named.value if isinstance(named.value, Mapping) else {}
        groups = {str(function): str(group) for function, group in names.items()}
        return cls(hub.session.client("logs"), groups, utc_now() - _CLOCKS_DIFFER)

    def first(
        self, function: str, is_it: Callable[[LogLine], bool], *, patience: timedelta
    ) -> LogLine | None:
        """Return the first line of a function's log that is it; None where none came in time.

        Raises CallRefused.
        """
        until = utc_now() + patience
        while True:
            found = next(filter(is_it, self.lines(function)), None)
            if found or utc_now() >= until:
                return found
            sleep(_BETWEEN_LOOKS)

    def lines(self, function: str) -> Iterator[LogLine]:
        """Return every line of a function's log, the oldest first; raises CallRefused."""
        pages = self.client.get_paginator("filter_log_events").paginate(
            logGroupName=self.groups[function], startTime=int(self.begun.timestamp() * 1000)
        )
        with refusals():
            for page in pages:
                for event in page["events"]:
                    yield from _line(event.get("message", ""), event.get("timestamp", 0))


def _line(text: str, milliseconds: int) -> Iterator[LogLine]:
    """Read one line; Lambda's own lines are no JSON objects, and are passed over."""
    try:
        yield LogLine(datetime.fromtimestamp(milliseconds / 1000, UTC), Fields(json.loads(text)))
    except (ValueError, MalformedEvent):
        return


IsIt: TypeAlias = Callable[[LogLine], bool]

OUTCOME = "outcome published"
ASSESSED = "root activity assessed"
SENT = "notification sent"
NOT_TAKEN = "notification not taken"


def is_outcome(line: LogLine, *, account: str, detail_type: str, what: str | None = None) -> bool:
    """Say whether a line is of an outcome of this kind; what: its change or its result."""
    fields = line.fields
    if line.message != OUTCOME or fields.optional_text("detail_type") != detail_type:
        return False
    if fields.optional_text("detail", "account", "id") != account:
        return False
    found = (fields.optional_text("detail", "change"), fields.optional_text("detail", "result"))
    return what is None or what in found


def is_about(line: LogLine, *, message: str, outcome: str | None) -> bool:
    """Say whether a line of notify is about an outcome."""
    return line.message == message and line.fields.optional_text("outcome") == outcome


def said(line: LogLine) -> str:
    """Say an outcome, or an assessment that published none, in a few words."""
    if line.message != OUTCOME:
        return "counted in the burst of an alert that is less than 15 minutes old"
    detail = line.fields.object("detail")
    removed = [item.text("kind") for item in detail.objects("removed")] if detail.has("removed") else []
    words = (
        line.fields.text("detail_type"),
        detail.optional_text("change") or detail.optional_text("result") or detail.optional_text("activity"),
        detail.optional_text("severity"),
        f"removed: {', '.join(removed)}" if removed else None,
    )
    return ", ".join(word for word in words if word)
