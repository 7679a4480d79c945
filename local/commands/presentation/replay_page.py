"""What came of replayed events, on one page, with the AWS calls that were made."""

import json
from collections.abc import Iterator, Sequence

from moto.awslambda.models import lambda_backends
from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from embedded_aws.calls import Call
from embedded_aws.moto_patches import every
from local.aws import LocalAws
from local.commands.account_postures import AccountPostures, posture_table
from local.commands.event_files import FiledEvent
from local.commands.presentation.messages import message_panel
from local.commands.presentation.outcomes import outcome_line


def call_lines(calls: Sequence[Call]) -> Iterator[Text]:
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


Rules = Sequence[tuple[FiledEvent, Sequence[str]]]


def print_replay(
    console: Console, aws: LocalAws, *, rules: Rules, postures: Sequence[AccountPostures]
) -> None:
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


def print_calls(console: Console, aws: LocalAws) -> None:
    """Print every AWS call the functions made."""
    _section(console, "AWS calls of the functions", list(call_lines(aws.calls)))


def print_logs(console: Console, aws: LocalAws) -> None:
    """Print the functions' log lines."""
    lines = [Text(json.dumps(line, ensure_ascii=False, default=str)) for line in aws.logs]
    _section(console, "Log lines", lines)


def _event_line(filed: FiledEvent, rules: Sequence[str]) -> Text:
    event = filed.event
    name = event["detail"].get("eventName") or event["detail-type"]
    line = Text.assemble(str(name), ("  in ", "dim"), f"{event['account']} {event['region']}")
    line.append(f"  {filed.origin}", "dim")
    return line if rules else line.append("\n  reached no rule", "yellow")


def _section(console: Console, title: str, content: Sequence[RenderableType]) -> None:
    console.print()
    console.print(Rule(f"{title}: none" if not content else title, align="left", style="dim"))
    for item in content:
        # A line of text may be longer than the page: whoever searches it wants it whole.
        console.print(item, soft_wrap=isinstance(item, Text))
