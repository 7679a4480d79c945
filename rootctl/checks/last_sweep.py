"""The last sweep: how long ago, and how it ended."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from rootctl.checks.surroundings import Result, Surroundings, ok, wrong
from rootctl.terminal import ago
from rootwarden.aws.errors import refusals


def last_sweep(surroundings: Surroundings) -> Iterable[Result]:
    """Say when the last sweep ended, and how; one that is under way is told besides."""
    hub = surroundings.hub
    machine, longest = hub.output("SweepMachineArn"), int(hub.output("SweepMissedAfterHours"))
    client = surroundings.session.client("stepfunctions")
    start = f"aws stepfunctions start-execution --state-machine-arn {machine}"
    with refusals():
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=machine)
        executions = (each for page in pages for each in page["executions"])
        last = next((each for each in executions if each["status"] != "RUNNING"), None)
        cause = client.describe_execution(executionArn=last["executionArn"]) if last else {}
    if last is None:
        yield wrong("no sweep was ever completed", mend=start)
        return
    yield _judged(last, cause, at=surroundings.clock(), longest=timedelta(hours=longest), start=start)


def _judged(
    last: dict[str, Any], cause: dict[str, Any], *, at: datetime, longest: timedelta, start: str
) -> Result:
    age = at - last["stopDate"]
    told = f"the last sweep, {last['name']}, ended {ago(age)} ago"
    if last["status"] != "SUCCEEDED":
        why = ": ".join(word for word in (cause.get("error"), cause.get("cause")) if word)
        return wrong(f"{told} as {last['status']}{f' ({why})' if why else ''}, without a report", mend=start)
    if too_early := _not_yet(cause.get("output", "")):
        return wrong(f"{told} before there was anything to sweep: {too_early}", mend="make deploy")
    if age > longest:
        hours = int(longest.total_seconds() // 3600)
        return wrong(f"{told}: that is more than {hours} hours", mend=start)
    return ok(f"{told}, {_result(cause.get('output', ''))}")


def _not_yet(output: str) -> str | None:
    """Say why a sweep could not begin, where it could not."""
    try:
        why = json.loads(output).get("notYet")
    except (ValueError, AttributeError):
        return None
    return str(why) if why else None


def _result(output: str) -> str:
    """Say what the sweep itself answered."""
    try:
        totals = json.loads(output)["totals"]
        return f"with {totals['accounts']} accounts, of which {totals['needsAttention']} need attention"
    except (ValueError, KeyError, TypeError):
        return "with a report"
