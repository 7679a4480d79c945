"""`python -m local demo`: the main job from end to end, on one page, and checked."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from local.aws import LocalAws
from local.commands.account_postures import PostureRecorder
from local.commands.demo_checks import StepResult, own_records, problems_of, summary_of
from local.commands.demo_scenario import DemoScenario, Step, is_joining
from local.commands.presentation.demo_page import DemoPage
from local.commands.presentation.messages import message_title
from local.commands.presentation.terminal import Progress, page
from local.commands.running import running
from local.organization import Organization

ORGANIZATION = Path(__file__).with_name("demo.yaml")
_START = datetime(2026, 6, 1, 12, tzinfo=UTC)
_SHOWN = {"email": "root credentials removed", "slack": "root signed in without MFA"}


def run(organization: Organization, *, assembly: Path | None, svg: Path | None) -> int:
    """Play the demo and print its page; returns 1 when anything is not as it should be."""
    began = time.perf_counter()
    console = page(record=svg is not None)
    there = tuple(account for account in organization.accounts if not is_joining(account))
    with running(
        replace(organization, accounts=there),
        progress=Progress(),
        assembly=assembly,
        start=_START,
    ) as aws:
        problems = _play(aws, DemoPage(console), organization, began)
    if svg:
        console.save_svg(str(svg), title="make demo")
    return 1 if problems else 0


def _play(aws: LocalAws, shown: DemoPage, organization: Organization, began: float) -> list[str]:
    postures = PostureRecorder(aws)
    accounts = {account.name: account for account in organization.accounts}
    shown.heading("What happens, what rootwarden does, and who is notified")
    results = []
    for step in DemoScenario(aws).steps(accounts):
        result = _taken(aws, step, postures)
        results.append(result)
        shown.step(result)
    shown.own_sessions(own_records(aws))
    shown.heading("Two of these messages")
    for channel, title in _SHOWN.items():
        sent = (message for message in aws.messages if message.channel == channel)
        message = next((m for m in sent if message_title(m).endswith(title)), None)
        if message:
            shown.message(message)
    rows = postures.compare()
    shown.heading("Root credentials, before and after")
    shown.postures(rows)
    problems = problems_of(aws, results, rows)
    shown.summary(summary_of(aws, rows, time.perf_counter() - began), problems)
    return problems


def _taken(aws: LocalAws, step: Step, postures: PostureRecorder) -> StepResult:
    began, outcomes, messages = aws.clock.now(), len(aws.outcomes), len(aws.messages)
    events = step.act()
    postures.look()
    aws.run_until_idle()
    return StepResult(
        step=step,
        began=began,
        ended=aws.clock.now(),
        events=events,
        outcomes=aws.outcomes[outcomes:],
        messages=aws.messages[messages:],
    )
