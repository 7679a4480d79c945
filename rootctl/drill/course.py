"""The course of a drill: open, see, close, see, act as root, see; and leave the account as it was."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from lambdas.adapters.refusals import refusals
from lambdas.adapters.root_sessions import AUDIT, assume_root
from lambdas.domain.clock import utc_now
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.root_credentials import CredentialKind, Posture
from lambdas.domain.sweep_accounts import ListedAccount
from rootctl.audit.findings import Auditor
from rootctl.drill.hop import Hop, Sight
from rootctl.drill.hub_logs import HubLogs, LogLine
from rootctl.errors import Hindered
from rootctl.requests.asking import Answerer, accepted
from rootctl.requests.carrying_out import CarryingOut
from rootctl.root_access import RootAccess
from rootctl.terminal.consoles import beside_results

# CloudTrail hands an event over within about five minutes as a rule; hardening may be tried again for longer.
TRAIL_PATIENCE = timedelta(minutes=15)
FUNCTION_PATIENCE = timedelta(minutes=5)
REASON = "rootctl drill: a control test"
_PASSWORD_RECORDS = frozenset({"CreateLoginProfile", "DeleteLoginProfile"})
_DOCTOR = "rootctl doctor"


@dataclass
class Course:
    """One drill in one account. open_: carries an opening out; close: asks the hub to close a window."""

    account: ListedAccount
    caller: str
    auditor: Auditor
    open_: CarryingOut
    close: Answerer
    logs: HubLogs
    root: RootAccess
    may_be_open: bool = field(default=False, init=False)

    def hops(self) -> Iterator[Hop]:
        """Take the steps one by one; whoever stops in between calls restore."""
        yield self._clean_before()
        opened = self._opened()
        yield opened
        yield from self._announced("OpenRecovery", "Recovery Window Change", "opened", opened.at)
        yield self._password_seen()
        closed = self._closed()
        yield closed
        yield from self._announced("CloseRecovery", "Recovery Window Change", "closed", closed.at)
        yield from self._announced("HardenAccount", "Account Hardening Result", "hardened", closed.at)
        yield self._clean_after()
        yield self._member_records()
        yield from self._root_call()

    def restore(self) -> str:
        """Close the window if it may be open; returns what became of it. Raises nothing AWS refuses."""
        if not self.may_be_open:
            return "Nothing is left open."
        try:
            self._close()
        except (CallRefused, Hindered) as error:
            return (
                f"The recovery window may still be open ({error}); it closes itself within an hour."
                f" Now: rootctl recovery close {self.account.account_id}"
            )
        return "The recovery window is closed, and the account is being hardened again."

    def _clean_before(self) -> Hop:
        posture = self._posture()
        if not posture.is_clean:
            kinds = ", ".join(sorted(kind.value for kind in posture.present))
            raise Hindered(
                f"{self.account.account_id} has root credentials ({kinds}), which the hardening at the"
                f" drill's end would remove. Nothing was done. Name another account, or first: rootctl harden"
                f" {self.account.account_id} --via-hub"
            )
        return self._seen("clean before", "the account has no root credentials")

    def _opened(self) -> Hop:
        began = utc_now()
        request = {
            "account": self.account.account_id,
            "hours": 1,
            "reason": REASON,
            "requestedBy": self.caller,
        }
        self.may_be_open = True
        answer = self.open_.do(request)
        if answer.text("result") != "opened":
            reason = answer.optional_object("reason")
            code = reason.text("code") if reason else "no reason"
            raise Hindered(f"The recovery window could not be opened ({code}). Look: {_DOCTOR}")
        text = "a recovery window is open: a root password can be recovered"
        return self._seen("window opened", text, since=began)

    def _closed(self) -> Hop:
        began = utc_now()
        self._close()
        return self._seen("window closed", "the hub was asked to close it, and did", since=began)

    def _close(self) -> None:
        by = {"how": "request", "by": self.caller}
        answer = accepted(self.close({"account": self.account.account_id, "closedBy": by}))
        if answer.text("result") != "closed":
            raise Hindered(f"close_recovery answered {answer.text('result')}, not closed.")
        self.may_be_open = False

    def _announced(self, function: str, detail_type: str, what: str, since: datetime) -> Iterator[Hop]:
        """See an outcome on the bus, and its notification."""
        is_it = partial(_is_outcome, account=self.account.account_id, detail_type=detail_type, what=what)
        line = self.logs.first(function, is_it, patience=TRAIL_PATIENCE)
        if line is None:
            remedy = f"{_DOCTOR}; then the log {self.logs.groups[function]}"
            yield self._missing(
                f"{what} announced", f"no outcome {detail_type} ({what}) was published", remedy
            )
            return
        yield self._from_line(f"{what} announced", line, since, _said(line))
        yield self._notified(what, line)

    def _notified(self, what: str, outcome: LogLine) -> Hop:
        """See that every channel took the notification of an outcome."""
        name, outcome_id = f"{what} notified", outcome.fields.optional_text("id")
        found = self.logs.first("Notify", lambda line: _is_sent(line, outcome_id), patience=FUNCTION_PATIENCE)
        if found:
            channels = ", ".join(found.fields.optional_texts("channels") or ())
            return self._from_line(name, found, outcome.at, f"taken by: {channels}")
        failed = [line for line in self.logs.lines("Notify") if _is_refused(line, outcome_id)]
        if failed:
            why = failed[-1].fields.optional_text("why") or "no reason in its log"
            return self._missing(
                name, f"a channel did not take it: {why}", f"{_DOCTOR}; then rootctl redrive"
            )
        return self._missing(name, "notify never got the outcome", f"{_DOCTOR}: rules and queues of notify")

    def _password_seen(self) -> Hop:
        if CredentialKind.PASSWORD in self._posture().present:
            return self._seen("posture changed", "an audit sees the password")
        return self._missing("posture changed", "an audit sees no password", _DOCTOR)

    def _clean_after(self) -> Hop:
        posture = self._posture()
        if posture.is_clean:
            return self._seen("clean after", "an audit sees no root credentials")
        kinds = ", ".join(sorted(kind.value for kind in posture.present))
        remedy = f"rootctl harden {self.account.account_id} --via-hub"
        return self._missing("clean after", f"still there: {kinds}", remedy)

    def _member_records(self) -> Hop:
        """See the member's own CloudTrail records of the drill arrive: its forwarding works."""
        name = "member forwards"
        line = self.logs.first("AssessRootActivity", self._is_member_record, patience=TRAIL_PATIENCE)
        if line:
            text = f"{line.fields.text('event_name')}, recorded in the member, reached the hub"
            return self._from_line(name, line, None, text)
        text = "no record of what was done as root in the member reached the hub"
        return self._missing(name, text, f"{_DOCTOR} --management-profile NAME: trail, member forwarding")

    def _root_call(self) -> Iterator[Hop]:
        """Open a root session as the operator, which nothing sanctions: it must alert, refused or not."""
        began = utc_now()
        refusal = None
        try:
            with refusals():
                assume_root(self.root.sts(), self.account.account_id, AUDIT)
        except CallRefused as refused:
            refusal = refused
        if refusal and refusal.code not in {"AccessDenied", "AccessDeniedException"}:
            yield Hop(
                name="root call",
                sight=Sight.UNKNOWN,
                text=f"the call did not get as far as a decision: {refusal}",
                at=began,
                remedy=_DOCTOR,
            )
            return
        how = "was refused, which alerts as well" if refusal else "opened a root session that may only look"
        yield self._seen("root call", f"sts:AssumeRoot with your own credentials {how}", since=began)
        line = self.logs.first("AssessRootActivity", self._is_alert, patience=TRAIL_PATIENCE)
        if line is None:
            text = "the call raised no alert"
            yield self._missing("alert raised", text, f"{_DOCTOR}: trail and rules")
            return
        yield self._from_line("alert raised", line, began, _said(line))
        if line.message == "outcome published":
            yield self._notified("alert", line)

    def _is_member_record(self, line: LogLine) -> bool:
        fields = line.fields
        return (
            line.message == "root activity assessed"
            and fields.optional_text("account") == self.account.account_id
            and fields.optional_text("event_name") in _PASSWORD_RECORDS
        )

    def _is_alert(self, line: LogLine) -> bool:
        if line.message == "root activity assessed":
            # Within a quarter of an hour of the last drill it is counted in that alert's burst.
            fields, grouped = line.fields, line.fields.optional_text("verdict") == "counted_in_burst"
            named = fields.optional_text("account") in {self.account.account_id, self.caller.split(":")[4]}
            return grouped and named and fields.optional_text("event_name") == "AssumeRoot"
        actor = line.fields.optional_text("detail", "actor", "arn")
        alert = _is_outcome(
            line, account=self.account.account_id, detail_type="Root Activity Alert", what=None
        )
        return alert and actor == self.caller

    def _posture(self) -> Posture:
        [row] = self.auditor.audit([self.account]).rows
        if row.posture is None:
            raise CallRefused(row.code or "Unreachable", row.message or "the hub did not say why")
        return row.posture

    def _seen(self, name: str, text: str, *, since: datetime | None = None) -> Hop:
        now = utc_now()
        seconds = (now - since).total_seconds() if since else None
        return Hop(name=name, sight=Sight.SEEN, text=text, at=now, seconds=seconds)

    def _from_line(self, name: str, line: LogLine, since: datetime | None, text: str) -> Hop:
        seconds = max((line.at - since).total_seconds(), 0.0) if since else None
        return Hop(name=name, sight=Sight.SEEN, text=text, at=line.at, seconds=seconds)

    def _missing(self, name: str, text: str, remedy: str) -> Hop:
        return Hop(name=name, sight=Sight.NOT_SEEN, text=text, at=utc_now(), remedy=remedy)


def run(course: Course, show: Callable[[Hop], None]) -> list[Hop]:
    """Take every step and show each; however it ends, the account is left as it was."""
    hops: list[Hop] = []
    try:
        for hop in course.hops():
            hops.append(hop)
            show(hop)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(course.restore()) from None
    except Exception:
        beside_results().print(course.restore())
        raise
    return hops


def _is_outcome(line: LogLine, *, account: str, detail_type: str, what: str | None) -> bool:
    fields = line.fields
    if line.message != "outcome published" or fields.optional_text("detail_type") != detail_type:
        return False
    if fields.optional_text("detail", "account", "id") != account:
        return False
    said = (fields.optional_text("detail", "change"), fields.optional_text("detail", "result"))
    return what is None or what in said


def _said(line: LogLine) -> str:
    """Say in a few words what an outcome tells."""
    if line.message != "outcome published":
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


def _is_sent(line: LogLine, outcome_id: str | None) -> bool:
    return line.message == "notification sent" and line.fields.optional_text("outcome") == outcome_id


def _is_refused(line: LogLine, outcome_id: str | None) -> bool:
    return line.message == "notification not taken" and line.fields.optional_text("outcome") == outcome_id
