"""What storms of events cost, and how late the alert that matters is.

python -m benchmarks.events [--accounts N] [--records N] [--seconds S] [--concurrency N] [--put-events N]

The deployed handlers run in this process against AWS in memory, with the queues, rules, batches and limits of
the synthesized template. Time is virtual: nothing waits, and what else runs on the machine changes no figure.
Latencies, cold starts and a call's CPU are assumed (benchmarks/virtual_aws.py); quotas are AWS's documented
ones. CloudTrail's and EventBridge's own delays before an event is on the bus are not part of any figure.
"""

import argparse
import io
import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.event_storms import CRITICAL, Arrivals, flood, median_and_99th, wave
from benchmarks.virtual_aws import CPU, LATENCY, VirtualAws
from benchmarks.virtual_hub import VirtualHub
from benchmarks.virtual_queues import Queue, dead_letters, hub_template
from benchmarks.virtual_time import VirtualTime
from local.commands.demo import ORGANIZATION
from local.organization import Slack, load_organization
from local.synthesis import synthesize

_COLD = 1.5
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "rootwarden",
}
_TABLE_READS = ("GetItem", "BatchGetItem")
_TABLE_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
Storm = Callable[[VirtualAws], Arrivals]
Template = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a storm came to."""

    name: str
    events: int
    aws: VirtualAws
    arrivals: Arrivals
    real_seconds: float

    @property
    def queues(self) -> list[Queue]:
        """The hub's queues."""
        return self.aws.hub.queues

    @property
    def seconds(self) -> float:
        """How long it took until the last event was handled."""
        return max(queue.worked_off_at for queue in self.queues if queue.function != "notify")

    def until(self, detail_type: str) -> list[float]:
        """Return how long after its first event each account had an outcome of a kind."""
        first: dict[str, float] = {}
        for at, kind, detail in self.aws.outcomes:
            account = detail["account"]["id"] if "account" in detail else ""
            if kind == detail_type and account in self.arrivals.at:
                first.setdefault(account, at)
        return [at - self.arrivals.at[account] for account, at in first.items()]

    @property
    def until_told(self) -> float:
        """How long after the critical sign-in the first message to people about it was sent."""
        told = [at for at, message in self.aws.sent if CRITICAL in message]
        return min(told) - self.arrivals.at[CRITICAL] if told else float("inf")

    @property
    def table_reads(self) -> int:
        """How many calls read from the state table."""
        return sum(self.aws.calls[name] for name in _TABLE_READS)

    @property
    def table_calls(self) -> int:
        """How many calls went to the state table."""
        return self.table_reads + sum(self.aws.calls[name] for name in _TABLE_WRITES)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=(__doc__ or "")[:79])
    parser.add_argument("--accounts", type=int, default=1_000, help="new accounts in the wave (1,000)")
    parser.add_argument("--records", type=int, default=100_000, help="records in the flood (100,000)")
    parser.add_argument("--seconds", type=float, default=60, help="within how many seconds they come (60)")
    parser.add_argument("--concurrency", type=int, default=1_000, help="of the account's functions (1,000)")
    parser.add_argument("--put-events", type=float, default=400, help="PutEvents a second (400)")
    return parser.parse_args()


def _run(name: str, storm: Storm, events: int, template: Template, arguments: argparse.Namespace) -> Run:
    began = time.perf_counter()
    with VirtualTime() as virtual, redirect_stdout(io.StringIO()):
        hub = VirtualHub(template, virtual, account_limit=arguments.concurrency, cold=_COLD)
        aws = VirtualAws(time=virtual, hub=hub, exposed=set(), put_events_a_second=arguments.put_events)
        with hub, aws:
            arrivals = storm(aws)
            virtual.run()
    return Run(name=name, events=events, aws=aws, arrivals=arrivals, real_seconds=time.perf_counter() - began)


def _template() -> Template:
    organization = replace(load_organization(ORGANIZATION), slack=Slack())
    with TemporaryDirectory() as directory:
        return hub_template(synthesize(organization, Path(directory)))


def _table(runs: list[Run], arguments: argparse.Namespace) -> Table:
    latencies = ", ".join(f"{service} {1000 * seconds:g}" for service, seconds in LATENCY.items())
    table = Table(
        title=f"events within {arguments.seconds:g} s, {arguments.concurrency:,} concurrent executions,"
        f" {arguments.put_events:g} PutEvents/s, in virtual time",
        caption=f"Assumed: ms of a call {latencies}, and {1000 * CPU:g} of CPU; cold start {_COLD:g} s."
        " Calls: an event's. Hardened, alert: seconds after the first event, median and 99th of a hundred.",
    )
    for name in ("storm", *_COLUMNS):
        table.add_column(name, justify="left" if name == "storm" else "right")
    for run in runs:
        table.add_row(run.name, *(show(run) for show in _COLUMNS.values()))
    return table


def _times(seconds: list[float]) -> str:
    return "{:.1f} / {:.1f}".format(*median_and_99th(seconds)) if seconds else "-"


_COLUMNS: dict[str, Callable[[Run], str]] = {
    "events": lambda run: f"{run.events:,}",
    "s": lambda run: f"{run.seconds:.0f}",
    "events/s": lambda run: f"{run.events / run.seconds:.0f}",
    "hardened": lambda run: _times(run.until("Account Hardening Result")),
    "alert": lambda run: _times(run.until("Root Activity Alert")),
    "calls": lambda run: f"{sum(run.aws.calls.values()) / run.events:.2f}",
    "throttled": lambda run: f"{sum(run.aws.throttled.values()):,}",
    "DescribeAccount": lambda run: f"{run.aws.calls['DescribeAccount']:,}",
    "dead letters": lambda run: str(dead_letters(run.queues)),
    "real s": lambda run: f"{run.real_seconds:.0f}",
}


# What is aimed at, and the most it may come to.
_AIMS: Mapping[str, float] = {
    "s until the last account of the wave was hardened": 300,
    "s until people hear of the critical sign-in in the flood": 60,
    "dead letters": 0,
    "answers of DescribeAccount an account of the wave": 1,
    "calls of DescribeAccount in the flood, whose alerts are about a dozen accounts": 12,
    "table reads of a record of our own session": 1,
    "table calls of a sign-in's alert and its messages": 8,
}


@dataclass(frozen=True, kw_only=True)
class Storms:
    """All runs. sign_in: the critical one alone; session: with one record of a session of ours before it."""

    wave: Run
    flood: Run
    sign_in: Run
    session: Run


def run_storms(template: Template, arguments: argparse.Namespace) -> Storms:
    """Simulate all of them."""

    def run(name: str, storm: Storm, count: int) -> Run:
        return _run(name, storm, count, template, arguments)

    accounts, records, seconds = arguments.accounts, arguments.records, arguments.seconds
    return Storms(
        wave=run("wave", lambda aws: wave(aws, accounts, seconds), 3 * accounts),
        flood=run("flood", lambda aws: flood(aws, records, seconds), records + 1),
        sign_in=run("sign-in", lambda aws: flood(aws, 0, 1), 1),
        session=run("session", lambda aws: flood(aws, 1, 1), 2),
    )


def judged(storms: Storms) -> list[tuple[str, bool, float]]:
    """Return each aim, whether it holds, and what it came to."""
    waved = storms.wave
    hardened = waved.until("Account Hardening Result")
    are_all = len(hardened) == len(waved.arrivals.at)
    asked = waved.aws.calls["DescribeAccount"] - waved.aws.throttled["DescribeAccount"]
    found = [
        max(hardened) if are_all else math.inf,
        storms.flood.until_told,
        dead_letters(waved.queues) + dead_letters(storms.flood.queues),
        asked / len(waved.arrivals.at),
        storms.flood.aws.calls["DescribeAccount"],
        storms.session.table_reads - storms.sign_in.table_reads,
        storms.sign_in.table_calls,
    ]
    aims = zip(_AIMS.items(), found, strict=True)
    return [(f"{aim} ≤ {most:g}", value <= most, value) for (aim, most), value in aims]


def main() -> None:
    """Simulate and print."""
    arguments = _arguments()
    os.environ |= ENVIRONMENT
    storms = run_storms(_template(), arguments)
    console = Console(width=None if os.isatty(1) else 150)
    console.print(_table([storms.wave, storms.flood], arguments))
    for aim, holds, found in judged(storms):
        console.print(f"{'holds' if holds else 'MISSED':7} {aim}: {found:.2f}", highlight=False)


if __name__ == "__main__":
    main()
