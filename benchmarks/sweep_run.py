"""One measured run of the sweep's benchmark: an endpoint, worker processes, and what they used."""

import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from benchmarks.sweep_worker import Batch, Usage

QUOTA = 600
_BATCH = 50
_THREADS = 16
_PROJECT = Path(__file__).parent.parent


class WorkerDied(Exception):
    """When a worker process ends before its work does."""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What the endpoint is like. latency in seconds; faults: the share of requests that fail."""

    workers: int
    latency: float
    faults: float


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run came to. counts: the endpoint's, by operation."""

    way: str
    accounts: int
    seconds: float
    usages: list[Usage]
    counts: dict[str, int]

    @property
    def cpu_per_account(self) -> float:
        """Milliseconds of CPU after initialisation."""
        return 1000 * sum(usage.cpu for usage in self.usages) / self.accounts

    @property
    def best_cpu_per_account(self) -> float:
        """Milliseconds of CPU in the batch that was disturbed least."""
        return 1000 * min(usage.best for usage in self.usages)

    @property
    def start_cpu(self) -> float:
        """Milliseconds of CPU until a worker is ready, on average."""
        return 1000 * sum(usage.start_cpu for usage in self.usages) / len(self.usages)

    @property
    def memory(self) -> float:
        """MiB that the largest worker took at its peak."""
        return max(usage.memory for usage in self.usages)

    @property
    def calls_per_account(self) -> float:
        """AWS requests; those refused and tried again count as well."""
        made = sum(count for name, count in self.counts.items() if name[0].isupper())
        return made / self.accounts

    @property
    def times_the_floor(self) -> float:
        """How many times as long it took as the quota alone demands."""
        return self.seconds * QUOTA / self.accounts


@dataclass(frozen=True)
class _Process:
    """A process that answers line by line."""

    process: "subprocess.Popen[str]"

    def read(self) -> str:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise WorkerDied(f"{self.process.args!r} ended with {self.process.wait()}")
        return line

    def write(self, line: str) -> None:
        if self.process.stdin:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()

    def end(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()


@contextmanager
def _started(*arguments: str, **environment: str) -> Iterator[_Process]:
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-m", *arguments],
        cwd=_PROJECT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield _Process(process)
        finally:
            process.kill()


def _environment(url: str, workers: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIABENCHMARK0000000",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_SESSION_TOKEN": "benchmark",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "POWERTOOLS_SERVICE_NAME": "audit_accounts",
        "POWERTOOLS_METRICS_NAMESPACE": "rootwarden",
        "STATE_TABLE_NAME": "rootwarden-state",
        "OWNER_TAG": "owner",
        "BUCKET_NAME": "rootwarden-benchmark",
        "EVENT_BUS_NAME": "rootwarden",
        "MANAGEMENT_ACCOUNT_ID": "111122223333",
        "ORGANIZATION_ID": "o-aa111bb222",
        "EXEMPTIONS": "[]",
        "KEEP_USED_WITHIN_DAYS": "30",
        "SWEEP_MODE": "observe",
        "THREADS": str(_THREADS),
        "REQUESTS_PER_SECOND": str(QUOTA / workers),
        # What is measured is the audit: probes of other Regions are not answered here.
        "PROBED_REGIONS": "[]",
        "PROBE_TURN_HOURS": "27",
    }


def _batches(accounts: int) -> "SimpleQueue[Batch]":
    batches: SimpleQueue[Batch] = SimpleQueue()
    items: Batch = [
        {"id": f"{number:012d}", "name": f"a{number}", "state": "ACTIVE", "organizationalUnits": []}
        for number in range(accounts)
    ]
    for first in range(0, accounts, _BATCH):
        batches.put(items[first : first + _BATCH])
    return batches


def _feed(worker: _Process, batches: "SimpleQueue[Batch]") -> None:
    """Hand a worker one batch after the other, as the state machine does."""
    while True:
        try:
            batch = batches.get_nowait()
        except Empty:
            return
        worker.write(json.dumps(batch))
        worker.read()


def _usage(worker: _Process) -> Usage:
    worker.end()
    return Usage(**json.loads(worker.read()))


def measure(way: str, accounts: int, conditions: Conditions) -> Run:
    """Run one way to audit so many accounts, on an endpoint and in processes of its own."""
    given = (conditions.latency, conditions.faults, QUOTA)
    with ExitStack() as stack:
        endpoint = stack.enter_context(_started("benchmarks.sweep_endpoint", *map(str, given)))
        available = sorted(os.sched_getaffinity(0))
        # On a core that no worker uses, if there is one.
        os.sched_setaffinity(endpoint.process.pid, available[conditions.workers :] or available)
        url = f"http://127.0.0.1:{endpoint.read().strip()}"
        environment = _environment(url, conditions.workers)
        cores = itertools.islice(itertools.cycle(available), conditions.workers)
        workers = [
            stack.enter_context(_started("benchmarks.sweep_worker", way, str(core), **environment))
            for core in cores
        ]
        for worker in workers:
            worker.read()
        batches = _batches(accounts)
        began = time.perf_counter()
        with ThreadPoolExecutor(len(workers)) as feeders:
            list(feeders.map(_feed, workers, [batches] * len(workers)))
        seconds = time.perf_counter() - began
        usages = [_usage(worker) for worker in workers]
        with urllib.request.urlopen(f"{url}/counts") as answer:  # noqa: S310 - our own endpoint
            counts = json.load(answer)
    return Run(way=way, accounts=accounts, seconds=seconds, usages=usages, counts=counts)
