"""What a drill sees in the hub's logs: outcomes, their notifications, the member's records, the alert.

The logs are where a drill looks because reading them changes nothing: no rule, queue or subscription has to
be created to listen on the bus. docs/architecture.md lists the messages.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep
from typing import Any, TypeAlias

from rootctl.drill.hop import CHANNELS, RECORDS, ROUTING, Hop
from rootctl.hub import Hub
from rootctl.output import read_json, waiting
from rootctl.printed_commands import as_caller
from rootwarden.aws.clients import refusals
from rootwarden.events import AccountId, Fields, MalformedEvent
from rootwarden.outcomes import utc_now

# CloudTrail hands an event over within about five minutes as a rule; hardening may be tried again for longer.
TRAIL_PATIENCE = timedelta(minutes=15)
FUNCTION_PATIENCE = timedelta(minutes=5)
_PASSWORD_RECORDS = frozenset({"CreateLoginProfile", "DeleteLoginProfile"})
_DOCTOR = "rootctl doctor"
_OUTPUT = "FunctionLogs"
_BETWEEN_LOOKS = 5.0
# The operator's clock and AWS's may differ by this much.
_CLOCKS_DIFFER = timedelta(seconds=30)
OUTCOME = "outcome published"
ASSESSED = "root activity assessed"
SENT = "notification sent"
NOT_TAKEN = "notification not taken"


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


@dataclass(frozen=True)
class Sightings:
    """What the logs say of one drill. caller: the operator, whose own root call must raise an alert."""

    logs: HubLogs
    account_id: AccountId
    caller: str

    def announced(self, function: str, detail_type: str, what: str, since: datetime) -> Iterator[Hop]:
        """See an outcome on the bus, and its notification."""
        is_it = partial(is_outcome, account=self.account_id, detail_type=detail_type, what=what)
        name = f"{what} announced"
        line = self._first(function, is_it, name, TRAIL_PATIENCE)
        if line is None:
            text = f"{function} published no outcome {detail_type} ({what})"
            region, group = self.logs.client.meta.region_name, self.logs.groups[function]
            tail = as_caller(f"aws logs tail --region {region} {group} --since 1h")
            yield Hop.missed(name, text, tail, *ROUTING)
            return
        yield Hop.seen(name, said(line), at=line.at, since=since)
        yield self._notified(what, line)

    def member_records(self) -> Hop:
        """See the member's own CloudTrail records of the drill arrive: its forwarding works."""
        name = "member forwards"
        line = self._first("AssessRootActivity", self._is_member_record, name, TRAIL_PATIENCE)
        if line:
            text = f"{line.fields.text('event_name')}, recorded in the member, reached the hub"
            return Hop.seen(name, text, at=line.at)
        text = (
            "no CloudTrail record of what root did in the member reached the hub: no trail records it, or the"
            " member's forwarding rule does not send it on"
        )
        return Hop.missed(name, text, f"{_DOCTOR} --management-profile NAME", *RECORDS)

    def alert(self, since: datetime) -> Iterator[Hop]:
        """See the alert on the operator's own root call, and its notification."""
        name = "alert raised"
        line = self._first("AssessRootActivity", self._is_alert, name, TRAIL_PATIENCE)
        if line is None:
            text = "the call raised no alert: no trail records it, or no rule sends its record on"
            yield Hop.missed(name, text, f"{_DOCTOR} --management-profile NAME", *RECORDS)
            return
        yield Hop.seen(name, said(line), at=line.at, since=since)
        if line.message == OUTCOME:
            yield self._notified("alert", line)

    def _notified(self, what: str, outcome: LogLine) -> Hop:
        """See that every channel took the notification of an outcome."""
        name, outcome_id = f"{what} notified", outcome.fields.optional_text("id")
        sent = partial(is_about, message=SENT, outcome=outcome_id)
        found = self._first("Notify", sent, name, FUNCTION_PATIENCE)
        if found:
            channels = ", ".join(found.fields.optional_texts("channels") or ())
            return Hop.seen(name, f"taken by: {channels}", at=found.at, since=outcome.at)
        refused = partial(is_about, message=NOT_TAKEN, outcome=outcome_id)
        failed = [line for line in self.logs.lines("Notify") if refused(line)]
        if failed:
            why = failed[-1].fields.optional_text("why") or "its log names no reason"
            return Hop.missed(name, f"a channel did not take it: {why}", "rootctl redrive", *CHANNELS)
        text = "notify never got the outcome: no rule of the bus sent it on, or its queue did not take it"
        return Hop.missed(name, text, _DOCTOR, *ROUTING)

    def _first(self, function: str, is_it: IsIt, name: str, patience: timedelta) -> LogLine | None:
        minutes = int(patience.total_seconds() // 60)
        with waiting(f"Waiting for: {name} (at most {minutes} minutes)"):
            return self.logs.first(function, is_it, patience=patience)

    def _is_member_record(self, line: LogLine) -> bool:
        fields = line.fields
        return (
            line.message == ASSESSED
            and fields.optional_text("account") == self.account_id
            and fields.optional_text("event_name") in _PASSWORD_RECORDS
        )

    def _is_alert(self, line: LogLine) -> bool:
        if line.message == ASSESSED:
            # Within a quarter of an hour of the last drill it is counted in that alert's burst.
            fields, grouped = line.fields, line.fields.optional_text("verdict") == "counted_in_burst"
            named = fields.optional_text("account") in {self.account_id, self.caller.split(":")[4]}
            return grouped and named and fields.optional_text("event_name") == "AssumeRoot"
        actor = line.fields.optional_text("detail", "actor", "arn")
        alert = is_outcome(line, account=self.account_id, detail_type="Root Activity Alert")
        return alert and actor == self.caller


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
