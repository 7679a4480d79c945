"""`python -m local sweep`: the whole state machine over an organization, day by day, and its report."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.aws import LocalAws
from local.commands.presentation.sweep_page import SweepPage
from local.commands.presentation.terminal import Progress, page
from local.commands.running import running
from local.commands.sweep_checks import problems_of
from local.commands.sweep_days import SweptDays
from local.commands.sweep_organization import Made, make_organization
from local.organization import Organization
from local.scenarios.sweeping import Sweeping, SweepResult
from local.synthesis import PROJECT

ACCOUNTS, DAYS = 200, 3
OUTPUT = PROJECT / "build" / "sweep"
_START = datetime(2026, 6, 1, 5, tzinfo=UTC)


def run(arguments: argparse.Namespace, organization: Organization) -> int:
    """Sweep once a day, write the last report, print what it says; returns 1 when something is wrong."""
    began = time.perf_counter()
    made = make_organization(_configured(organization, arguments), arguments.accounts, _START.date())
    progress = Progress()
    with running(made.organization, progress=progress, assembly=arguments.assembly, start=_START) as aws:
        results = _swept(aws, made, arguments, progress)
        files = Sweeping(aws).save(results[-1].sweep_id, arguments.output)
        problems = problems_of(aws, results[-1])
        shown = SweepPage(page())
        if results[-1].report:
            shown.report(results[-1].report)
        shown.messages(aws.messages)
        shown.files([_short(file) for file in files])
        shown.summary(aws, results[-1], time.perf_counter() - began, problems)
    return 1 if problems else 0


def _configured(organization: Organization, arguments: argparse.Namespace) -> Organization:
    given = organization.configuration.get("sweep", {})
    sweep = {
        **(given if isinstance(given, dict) else {}),
        **({"mode": "enforce"} if arguments.enforce else {}),
    }
    return replace(organization, configuration={**organization.configuration, "sweep": sweep})


def _swept(
    aws: LocalAws, made: Made, arguments: argparse.Namespace, progress: Progress
) -> Sequence[SweepResult]:
    days, sweeping, results = SweptDays(aws, made), Sweeping(aws), []
    for day in range(1, arguments.days + 1):
        days.begin(day, of=arguments.days)
        is_last = day == arguments.days
        mode = "enforce" if arguments.enforce and is_last else "audit"
        with progress.during(f"Sweep {day} of {arguments.days}, {arguments.accounts} accounts") as told:
            aws.state_machines.told = told
            # The days before are history; only what is said of the last one is shown.
            aws.messages.clear()
            results.append(sweeping.by_hand(mode))
        if not is_last:
            aws.clock.advance(timedelta(days=1).total_seconds())
    return results


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
