"""The fuzzing, as a command."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Annotated

import typer

from proofs.fuzz.campaign import Failure, failure_of, failures
from proofs.fuzz.targets import target_of

_CASES = 100_000
_AT_ONCE = 500
# More failures than a person reads are one mistake.
_MOST_SHOWN = 20


def fuzz(
    *,
    cases: Annotated[int, typer.Option(min=1, help="How many cases.")] = _CASES,
    first: Annotated[int, typer.Option(min=0, help="The first seed.")] = 0,
    seed: Annotated[int | None, typer.Option(min=0, help="Run this one case alone.")] = None,
) -> int:
    """Hand what strangers may write to all that takes it: only documented errors, and nothing but text."""
    if seed is not None:
        found = failure_of(seed)
        sys.stdout.write(f"{found or f'seed {seed}, {target_of(seed).name}: holds'}\n")
        return 1 if found else 0
    began, failed = time.monotonic(), 0
    for failure in _all(first, cases):
        failed += 1
        if failed <= _MOST_SHOWN:
            sys.stdout.write(f"{failure}\n")
            sys.stdout.flush()
    kinds = Counter(target_of(each).name for each in range(first, first + cases))
    told = ", ".join(f"{count:,} {name}" for name, count in kinds.most_common())
    seconds = time.monotonic() - began
    sys.stdout.write(f"{told}\nfuzz: {cases:,} cases in {seconds:.0f} s, {failed} do not hold\n")
    return 1 if failed else 0


def _all(first: int, cases: int) -> Iterator[Failure]:
    starts = range(first, first + cases, _AT_ONCE)
    counts = [min(_AT_ONCE, first + cases - start) for start in starts]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        for found in processes.map(_some, starts, counts):
            yield from found


def _some(first: int, count: int) -> list[Failure]:
    return list(failures(first, count))
