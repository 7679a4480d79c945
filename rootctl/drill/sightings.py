"""What a drill sees in the hub's logs: outcomes, their notifications, the member's records, the alert."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from rootctl.drill import hub_logs as log_lines
from rootctl.drill.hop import CHANNELS, RECORDS, ROUTING, Hop
from rootctl.drill.hub_logs import HubLogs, LogLine
from rootctl.terminal import waiting
from rootwarden.accounts import AccountId

# CloudTrail hands an event over within about five minutes as a rule; hardening may be tried again for longer.
TRAIL_PATIENCE = timedelta(minutes=15)
FUNCTION_PATIENCE = timedelta(minutes=5)
_PASSWORD_RECORDS = frozenset({"CreateLoginProfile", "DeleteLoginProfile"})
_DOCTOR = "rootctl doctor"


@dataclass(frozen=True)
class Sightings:
    """What the logs say of one drill. caller: the operator, whose own root call must raise an alert."""

    logs: HubLogs
    account_id: AccountId
    caller: str

    def announced(self, function: str, detail_type: str, what: str, since: datetime) -> Iterator[Hop]:
        """See an outcome on the bus, and its notification."""
        is_it = partial(log_lines.is_outcome, account=self.account_id, detail_type=detail_type, what=what)
        name = f"{what} announced"
        line = self._first(function, is_it, name, TRAIL_PATIENCE)
        if line is None:
            text = f"{function} published no outcome {detail_type} ({what})"
            yield Hop.missed(name, text, f"aws logs tail {self.logs.groups[function]} --since 1h", *ROUTING)
            return
        yield Hop.seen(name, log_lines.said(line), at=line.at, since=since)
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
        yield Hop.seen(name, log_lines.said(line), at=line.at, since=since)
        if line.message == log_lines.OUTCOME:
            yield self._notified("alert", line)

    def _notified(self, what: str, outcome: LogLine) -> Hop:
        """See that every channel took the notification of an outcome."""
        name, outcome_id = f"{what} notified", outcome.fields.optional_text("id")
        sent = partial(log_lines.is_about, message=log_lines.SENT, outcome=outcome_id)
        found = self._first("Notify", sent, name, FUNCTION_PATIENCE)
        if found:
            channels = ", ".join(found.fields.optional_texts("channels") or ())
            return Hop.seen(name, f"taken by: {channels}", at=found.at, since=outcome.at)
        refused = partial(log_lines.is_about, message=log_lines.NOT_TAKEN, outcome=outcome_id)
        failed = [line for line in self.logs.lines("Notify") if refused(line)]
        if failed:
            why = failed[-1].fields.optional_text("why") or "its log names no reason"
            return Hop.missed(name, f"a channel did not take it: {why}", "rootctl redrive", *CHANNELS)
        text = "notify never got the outcome: no rule of the bus sent it on, or its queue did not take it"
        return Hop.missed(name, text, _DOCTOR, *ROUTING)

    def _first(self, function: str, is_it: log_lines.IsIt, name: str, patience: timedelta) -> LogLine | None:
        minutes = int(patience.total_seconds() // 60)
        with waiting(f"Waiting for: {name} (at most {minutes} minutes)"):
            return self.logs.first(function, is_it, patience=patience)

    def _is_member_record(self, line: LogLine) -> bool:
        fields = line.fields
        return (
            line.message == log_lines.ASSESSED
            and fields.optional_text("account") == self.account_id
            and fields.optional_text("event_name") in _PASSWORD_RECORDS
        )

    def _is_alert(self, line: LogLine) -> bool:
        if line.message == log_lines.ASSESSED:
            # Within a quarter of an hour of the last drill it is counted in that alert's burst.
            fields, grouped = line.fields, line.fields.optional_text("verdict") == "counted_in_burst"
            named = fields.optional_text("account") in {self.account_id, self.caller.split(":")[4]}
            return grouped and named and fields.optional_text("event_name") == "AssumeRoot"
        actor = line.fields.optional_text("detail", "actor", "arn")
        alert = log_lines.is_outcome(line, account=self.account_id, detail_type="Root Activity Alert")
        return alert and actor == self.caller
