"""`rootctl explain`: what would be done with an event, and why, without doing it."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.errors import WrongUsage
from rootctl.explain.activity import explain_activity
from rootctl.explain.explanation import Explanation, explain_notification
from rootctl.explain.hardening import explain_hardening, explain_leaving
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker, takers, why_none
from rootctl.options import RunOptions
from rootctl.output import Columns, csv_of, printable, read_json, record_of, show
from rootwarden.contract.pattern import API_CALL, CONSOLE_ACTION, SERVICE_EVENT, SIGN_IN
from rootwarden.events import Envelope, MalformedEvent

EventFile = Annotated[
    str,
    typer.Argument(
        metavar="EVENT.json",
        help="File with one EventBridge event or CloudTrail record; - for standard input.",
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Ask AWS nothing; say what could not be known.")]

_DETAIL_TYPES = {
    "AwsServiceEvent": SERVICE_EVENT,
    "AwsConsoleAction": CONSOLE_ACTION,
    "AwsConsoleSignIn": SIGN_IN[0],
}
_EXPLAINERS = {
    Taker.HARDEN_ACCOUNT: explain_hardening,
    Taker.FORGET_ACCOUNT: explain_leaving,
    Taker.ASSESS_ROOT_ACTIVITY: explain_activity,
    Taker.NOTIFY: explain_notification,
}
_COLUMNS: Columns[Explanation] = {
    "function": lambda each: each.function,
    "would": lambda each: each.would,
    "because": lambda each: each.because,
    "account": lambda each: each.account,
    "notification": lambda each: each.notification,
    "expected": lambda each: each.expected.to_detail() if each.expected else None,
    "notKnown": lambda each: list(each.not_known),
}
# A column is called the same wherever there is one.
_IN_CSV = {"account": "account_id", "notKnown": "not_known"}
_CSV: Columns[Explanation] = {
    **{_IN_CSV.get(name, name): value for name, value in _COLUMNS.items()},
    "expected": lambda each: each.expected,
}


def explain(run: RunOptions, event: EventFile, *, offline: Offline = False) -> None:
    """Say what would be done with an event, by which function and why, without doing it.

    The functions' own decisions are made, on what AWS and the hub know at this moment; only reads. It takes
    an EventBridge event, a message of a dead-letter queue, or a bare CloudTrail record. Where an entry of the
    configuration's `expected` names a call that is reported, it says which, and what that changes.
    """
    envelope = _read(event)
    knowledge = Knowledge(name_prefix=run.name_prefix) if offline else Knowledge.of(run.session)
    found = list(_explained(envelope, knowledge))
    document = [record_of(each, _COLUMNS) for each in found]
    show(run.output, table=Group(*map(_table, found)), document=document, csv=csv_of(found, _CSV))


def _read(name: str) -> Envelope:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return Envelope.from_json(_as_event(text))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise WrongUsage(f"{name} cannot be read: {why}.") from error
    except MalformedEvent as malformed:
        raise WrongUsage(
            f"{name} is neither an EventBridge event nor a CloudTrail record: {malformed}."
        ) from malformed


def _as_event(text: str) -> str:
    """Return an EventBridge event as it is, and a bare CloudTrail record in the envelope it comes in.

    Raises MalformedEvent for what is not JSON.
    """
    record = read_json(text, "the file")
    if (
        not isinstance(record, Mapping)
        or "detail" in record
        or not {"eventSource", "eventName"} <= record.keys()
    ):
        return text
    identity = record.get("userIdentity")
    own = identity.get("accountId") if isinstance(identity, Mapping) else None
    event = {
        "id": record.get("eventID"),
        "source": f"aws.{str(record['eventSource']).partition('.')[0]}",
        "detail-type": _DETAIL_TYPES.get(str(record.get("eventType")), API_CALL),
        "account": record.get("recipientAccountId", own),
        "region": record.get("awsRegion"),
        "time": record.get("eventTime"),
        "detail": record,
    }
    return json.dumps(event)


def _explained(envelope: Envelope, known: Knowledge) -> Iterator[Explanation]:
    """Say what each function that gets the event would do; or once why none gets it."""
    found = takers(envelope, known)
    if not found:
        because = why_none(envelope, known)
        yield Explanation(function=None, would="nothing", because=because, not_known=tuple(known.not_known))
    for taker in found:
        knowledge = known.copy()
        try:
            explanation = _EXPLAINERS[taker](envelope, knowledge)
        except MalformedEvent as malformed:
            explanation = Explanation(
                function=taker.value,
                would="give it up: after its attempts it waits in the dead-letter queue, which alarms",
                because=str(malformed),
            )
        yield replace(explanation, not_known=tuple(knowledge.not_known))


def _table(explanation: Explanation) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    lines = [
        ("Function", explanation.function or "none"),
        ("Account", explanation.account),
        ("Would", explanation.would),
        ("Because", explanation.because),
        ("People get", explanation.notification or "nothing"),
        _expected(explanation),
        *(("Not known", each) for each in explanation.not_known),
    ]
    for label, text in lines:
        if text:
            table.add_row(label, Text(printable(text)))
    return Group(table, Text(""))


def _expected(explanation: Explanation) -> tuple[str, str | None]:
    found = explanation.expected
    label = "Was expected" if found and found.has_ended else "Expected"
    return label, str(found) if found else None
