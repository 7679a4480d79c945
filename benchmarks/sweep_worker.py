"""A worker process of the sweep's benchmark: the deployed function itself, or a baseline.

It reads batches of accounts from standard input, a line each, answers each with an empty line, and at
the end says what it used. What the function logs goes nowhere, but is written.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

Batch = list[dict[str, object]]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """CPU in seconds of user and system time, until ready and since; memory in MiB, at its peak.

    best: the CPU an account took in the batch that was disturbed least.
    """

    start_cpu: float
    cpu: float
    best: float
    memory: float


@dataclass
class _Context:
    """The parts of Lambda's context that the function reads."""

    function_name: str = "audit_accounts"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:222233334444:function:audit_accounts:sweep"
    aws_request_id: str = "request"
    tenant_id: str | None = None

    def get_remaining_time_in_millis(self) -> int:
        """Return what is usual for a function."""
        return 300_000


def prepare_sweep() -> Callable[[Batch], None]:
    """Return the deployed function, initialised."""
    from lambdas import audit_accounts  # noqa: PLC0415 - each worker loads only what it measures

    audit_accounts._function()  # noqa: SLF001 - what Lambda does at the first call
    sweep = {"sweepId": "benchmark", "startedAt": "2026-11-22T00:00:00Z", "mode": "observe"}
    context = cast("Any", _Context())

    def work(batch: Batch) -> None:
        audit_accounts.handler({"BatchInput": sweep, "Items": batch}, context)

    return work


def prepare_session_per_account() -> Callable[[Batch], None]:
    """Return the plain loop."""
    from benchmarks import sweep_baselines  # noqa: PLC0415 - each worker loads only what it measures

    return sweep_baselines.session_per_account()


def prepare_five_calls() -> Callable[[Batch], None]:
    """Return the audit of five calls."""
    from benchmarks import sweep_baselines  # noqa: PLC0415 - each worker loads only what it measures

    return sweep_baselines.five_calls()


WAYS = {
    "sweep": prepare_sweep,
    "session per account": prepare_session_per_account,
    "five calls": prepare_five_calls,
}


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Work as told until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    # One core, as a function has at most with the memory it is given.
    os.sched_setaffinity(0, {int(sys.argv[2])})
    work = WAYS[sys.argv[1]]()
    start_cpu = _cpu_seconds()
    print(file=answers, flush=True)
    best = float("inf")
    for line in sys.stdin:
        before, batch = _cpu_seconds(), json.loads(line)
        work(batch)
        best = min(best, (_cpu_seconds() - before) / len(batch))
        print(file=answers, flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    usage = Usage(start_cpu=start_cpu, cpu=_cpu_seconds() - start_cpu, best=best, memory=memory)
    print(json.dumps(asdict(usage)), file=answers, flush=True)


if __name__ == "__main__":
    main()
