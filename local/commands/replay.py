"""`python -m local replay`: delivers events to the deployed templates and says what came of them."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from moto.awslambda.models import lambda_backends
from rich.console import Console, RenderableType
from rich.text import Text

from embedded_aws.calls import Call
from embedded_aws.events.delivery import MalformedEventError, check_event
from embedded_aws.events.shape import Event
from embedded_aws.moto_patches import every
from local.aws import LocalAws
from local.commands.account_postures import AccountPostures, PostureRecorder, posture_table
from local.commands.presentation.messages import message_panel
from local.commands.presentation.outcomes import outcome_line
from local.commands.presentation.terminal import heading, page
from local.commands.result_document import result_document, rules_started
from local.commands.running import running
from local.organization import Organization

_STANDARD_INPUT = "-"


class EventFileError(ValueError):
    """When a file holds no events; the message names the file and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class FiledEvent:
    """An event and where it stands, such as `events.json[2]`."""

    origin: str
    event: Event


Rules = Sequence[tuple[FiledEvent, Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is printed: one JSON document or a page, with calls and log lines besides."""

    as_json: bool
    calls: bool
    logs: bool


def run(
    organization: Organization,
    files: Iterable[str],
    *,
    shown: Shown,
    assembly: Path | None,
    start: datetime | None,
) -> int:
    """Deliver the events of the files named, then print what happened; returns the exit code."""
    events = _read_events(files)
    with running(organization, assembly=assembly, start=start) as aws:
        recorder = PostureRecorder(aws)
        rules = _deliver(aws, events)
        if shown.as_json:
            _print_json(aws, rules, logs=shown.logs)
            return 0
        console = page()
        _print_page(console, aws, rules, recorder.compare())
        if shown.calls:
            _section(console, "AWS calls of the functions", list(_call_lines(aws.calls)))
        if shown.logs:
            lines = [Text(json.dumps(line, ensure_ascii=False, default=str)) for line in aws.logs]
            _section(console, "Log lines", lines)
    return 0


def _read_events(files: Iterable[str]) -> list[FiledEvent]:
    """Read every event of the files, in order; `-` is standard input."""
    return [event for file in files for event in _read(file)]


def _read(file: str) -> list[FiledEvent]:
    name = "standard input" if file == _STANDARD_INPUT else file
    try:
        text = sys.stdin.read() if file == _STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as error:
        raise EventFileError(f"{name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise EventFileError(f"{name} is not JSON: {error}") from error
    except RecursionError as error:
        raise EventFileError(f"{name} is nested too deeply") from error
    if not isinstance(document, list):
        return [_filed(name, document)]
    if not document:
        raise EventFileError(f"{name} holds an empty list")
    return [_filed(f"{name}[{index}]", event) for index, event in enumerate(document)]


def _filed(origin: str, event: object) -> FiledEvent:
    try:
        return FiledEvent(origin=origin, event=check_event(event))
    except MalformedEventError as error:
        raise EventFileError(f"{origin}: {error}") from error


def _deliver(aws: LocalAws, events: Iterable[FiledEvent]) -> Rules:
    rules = []
    for filed in events:
        aws.deliver(filed.event)
        rules.append((filed, rules_started(filed.event)))
    aws.run_until_idle()
    return rules


def _print_json(aws: LocalAws, rules: Rules, *, logs: bool) -> None:
    document = {
        "events": [{"origin": filed.origin, "rules": list(started)} for filed, started in rules],
        **result_document(aws),
        **({"logs": aws.logs} if logs else {}),
    }
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")


def _print_page(console: Console, aws: LocalAws, rules: Rules, postures: Sequence[AccountPostures]) -> None:
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


def _event_line(filed: FiledEvent, rules: Sequence[str]) -> Text:
    event = filed.event
    name = event["detail"].get("eventName") or event["detail-type"]
    line = Text.assemble(str(name), ("  in ", "dim"), f"{event['account']} {event['region']}")
    line.append(f"  {filed.origin}", "dim")
    return line if rules else line.append("\n  reached no rule", "yellow")


def _section(console: Console, title: str, content: Sequence[RenderableType]) -> None:
    heading(console, title if content else f"{title}: none")
    for item in content:
        # A line of text may be longer than the page: whoever searches it wants it whole.
        console.print(item, soft_wrap=isinstance(item, Text))


def _call_lines(calls: Sequence[Call]) -> Iterator[Text]:
    """Yield the calls in order: when, in which account, what, with what result, by whom, on what."""
    functions = _function_names()
    rows = [
        (call, " ".join(filter(None, (call.action, call.error_code))), _principal(call, functions))
        for call in calls
    ]
    width = max((len(operation) for _, operation, _ in rows), default=0)
    width_by = max((len(by) for _, _, by in rows), default=0)
    for call, operation, by in rows:
        yield Text.assemble(
            (f"{call.time:%H:%M:%S}  ", "dim"),
            f"{call.account}  ",
            (f"{operation:{width}}  ", "red" if call.error_code else ""),
            (f"{by:{width_by}}  ", "cyan"),
            (_resource(call), "dim"),
        )


def _resource(call: Call) -> str:
    """Return a resource without what the row says already: its service, Region and account."""
    if not call.resource.startswith("arn:"):
        return call.resource
    account, resource = call.resource.split(":", 5)[4:]
    return resource if account in ("", call.account) else f"{account}:{resource}"


def _principal(call: Call, functions: dict[str, str]) -> str:
    principal = call.principal
    if principal.is_root:
        task = (principal.task_policy_arn or "").rpartition("/")[2]
        return f"root session {task}" if task else "root access key"
    return functions.get(principal.role_arn or "", principal.arn)


def _function_names() -> dict[str, str]:
    """Return the name each function goes by, by the ARN of its role."""
    return {
        function.role: function.environment_vars.get("POWERTOOLS_SERVICE_NAME", function.function_name)
        for backend in every(lambda_backends)
        for function in backend.list_functions()
    }
