"""What a sweep costs: the deployed audit_accounts in worker processes, against a local endpoint.

python -m benchmarks.sweep [--accounts N] [--workers N] [--faults PERCENT] [--latency MS]

The endpoint is a process of its own on 127.0.0.1, and nothing else is called. CPU is user and system
time of the workers alone, each on one core, once they are initialised; what that took is shown apart.
The baselines run with one worker and on fewer accounts; their figures are an account's all the same.
"""

import argparse
import os
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from benchmarks.sweep_run import QUOTA, Conditions, Run, measure

_SIZES = (100, 1_000, 10_000)
_ALONE = 1_000
_BASELINES = {"session per account": 40, "five calls": 500}
_CPU_AIM = 2.0
_RATIO_AIM = 20.0
_FLOOR_AIM = 1.5
_MEMORY_AIM = 1.1

_COLUMNS: dict[str, Callable[[Run], str]] = {
    "workers": lambda run: str(len(run.usages)),
    "accounts": lambda run: f"{run.accounts:,}",
    "s": lambda run: f"{run.seconds:.1f}",
    "accounts/s": lambda run: f"{run.accounts / run.seconds:.0f}",
    "floors": lambda run: f"{run.times_the_floor:.2f}",
    "CPU ms": lambda run: f"{run.cpu_per_account:.2f}",
    "best": lambda run: f"{run.best_cpu_per_account:.2f}",
    "start ms": lambda run: f"{run.start_cpu:.0f}",
    "calls": lambda run: f"{run.calls_per_account:.2f}",
    "MiB": lambda run: f"{run.memory:.0f}",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=(__doc__ or "")[:87])
    parser.add_argument("--accounts", type=int, help="one size instead of 100, 1,000 and 10,000")
    parser.add_argument("--workers", type=int, default=10, help="worker processes (10)")
    parser.add_argument("--faults", type=float, default=0, help="per cent of requests that fail (0)")
    parser.add_argument("--latency", type=float, default=20, help="milliseconds an answer takes (20)")
    return parser.parse_args()


def _table(runs: list[Run], conditions: Conditions) -> Table:
    table = Table(
        title=f"{conditions.workers} workers, {conditions.latency * 1000:g} ms latency, "
        f"{conditions.faults:.1%} faults, {QUOTA} STS requests/s",
        caption="CPU ms, best (the batch that was disturbed least) and calls: an account's. "
        "Floors: times as long as the STS quota alone demands (accounts ÷ 600 s). "
        "MiB: the largest worker's peak. One worker: no faults.",
    )
    table.add_column("way", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for run in runs:
        table.add_row(run.way, *(show(run) for show in _COLUMNS.values()))
    return table


def _verdicts(sweeps: list[Run], alone: Run, baseline: Run) -> list[tuple[str, float, bool]]:
    """Return each aim, what was measured, and whether it holds."""
    largest, smaller = sweeps[-1], sweeps[-2] if len(sweeps) > 1 else alone
    cpu, floors = alone.cpu_per_account, largest.times_the_floor
    ratio, growth = baseline.cpu_per_account / cpu, largest.memory / smaller.memory
    rows = sum(run.counts["rows"] for run in sweeps) / sum(run.accounts for run in sweeps)
    return [
        (f"ms of CPU an account on one core ≤ {_CPU_AIM:g}", cpu, cpu <= _CPU_AIM),
        (f"times less CPU than a session per account ≥ {_RATIO_AIM:g}", ratio, ratio >= _RATIO_AIM),
        (f"times the floor ≤ {_FLOOR_AIM:g}", floors, floors <= _FLOOR_AIM),
        (f"times the memory of the next smaller run ≤ {_MEMORY_AIM:g}", growth, growth <= _MEMORY_AIM),
        ("rows an account = 1", rows, rows == 1),
    ]


def _yardstick() -> float:
    """Return the milliseconds of CPU a fixed piece of work takes, by which moments and machines compare."""
    before = time.process_time()
    sum(number * number for number in range(1_000_000))
    return 1000 * (time.process_time() - before)


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    conditions = Conditions(
        workers=arguments.workers, latency=arguments.latency / 1000, faults=arguments.faults / 100
    )
    calm = Conditions(workers=1, latency=conditions.latency, faults=0)
    console = Console(width=None if os.isatty(1) else 130)
    before = os.getloadavg()[0]
    alone = measure("sweep", _ALONE, calm)
    baselines = [measure(way, accounts, calm) for way, accounts in _BASELINES.items()]
    sizes = [arguments.accounts] if arguments.accounts else _SIZES
    sweeps = [measure("sweep", accounts, conditions) for accounts in sizes]
    console.print(_table([*sweeps, alone, *baselines], conditions))
    for aim, found, holds in _verdicts(sweeps, alone, baselines[0]):
        console.print(f"{'holds' if holds else 'MISSED':7} {aim}: {found:.2f}", highlight=False)
    console.print(
        f"{os.cpu_count()} cores, load {before:.1f} before and {os.getloadavg()[0]:.1f} after: "
        "what else runs on the machine makes CPU and seconds worse. "
        f"Just now a million squares took it {_yardstick():.0f} ms.",
        highlight=False,
    )


if __name__ == "__main__":
    main()
