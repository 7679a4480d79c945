"""`python -m local replay`: delivers events to the deployed templates and says what came of them."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from local.aws import LocalAws
from local.commands.account_postures import PostureRecorder
from local.commands.event_files import FiledEvent, read_events
from local.commands.presentation.replay_page import Rules, print_calls, print_logs, print_replay
from local.commands.presentation.terminal import Progress, page
from local.commands.result_document import result_document, rules_started
from local.commands.running import running
from local.organization import Organization


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
    events = read_events(files)
    with running(organization, progress=Progress(), assembly=assembly, start=start) as aws:
        recorder = PostureRecorder(aws)
        rules = _deliver(aws, events)
        if shown.as_json:
            _print_json(aws, rules, logs=shown.logs)
            return 0
        console = page()
        print_replay(console, aws, rules=rules, postures=recorder.compare())
        if shown.calls:
            print_calls(console, aws)
        if shown.logs:
            print_logs(console, aws)
    return 0


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
