"""`python -m proofs simulate`: many seeds, or one again."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from local.organization import load_organization
from proofs.deployed import ORGANIZATION, START, deployed
from proofs.simulation.runs import Failed, play, play_all, played_apart
from proofs.simulation.story import story_of
from proofs.simulation.turns import SharedClock

# For the cold starts of a story; making them takes seconds, which pay for themselves with so many stories.
_IMPORTED, _MANY = 6, 20


def simulate(  # a command's parameters are its options
    *,
    seeds: Annotated[int, typer.Option(min=1, help="How many stories.")] = 1000,
    first: Annotated[int, typer.Option(help="The first seed.")] = 0,
    seed: Annotated[int | None, typer.Option(help="One story alone, and what came of it.")] = None,
    without: Annotated[str, typer.Option(help="Steps to leave out, by number, as a failing seed says.")] = "",
    at_once: Annotated[int, typer.Option(help="Stories at the same time.")] = os.cpu_count() or 1,
    assembly: Annotated[Path | None, typer.Option(help="Templates synthesized before.")] = None,
) -> int:
    """Play the whole system in virtual time: people, attackers, failures, functions at the same time."""
    began, failed = time.perf_counter(), 0
    organization = load_organization(ORGANIZATION)
    imported = _IMPORTED if seed is None and seeds >= _MANY else 0
    clock = SharedClock(START)
    with deployed(organization, assembly=assembly, environments=2, imported=imported, clock=clock) as aws:
        if seed is not None:
            steps = [
                step for number, step in enumerate(story_of(seed)) if str(number) not in without.split(",")
            ]
            text = played_apart(lambda: play(aws, seed, steps))
            _show(Failed(seed, tuple(steps), tuple(text.splitlines())))
            return 1 if text else 0
        chosen = range(first, first + seeds)
        for found in play_all(aws, chosen, at_once=at_once, progress=lambda played: _tell(played, seeds)):
            failed += 1
            _show(found)
    _write(f"simulation: {seeds:,} seeds, {failed} violations, {time.perf_counter() - began:.0f} s")
    return 1 if failed else 0


def _show(found: Failed) -> None:
    _write(f"seed {found.seed}:")
    for step in found.steps:
        _write(f"  {step}")
    for text in found.texts:
        _write(f"  -> {text}")
    left_out = [str(n) for n, step in enumerate(story_of(found.seed)) if step not in found.steps]
    without = f" --without {','.join(left_out)}" if left_out else ""
    _write(f"  PYTHONHASHSEED=0 python -m proofs simulate --seed {found.seed}{without}")


def _tell(played: int, seeds: int) -> None:
    sys.stderr.write(f"\r{played:,} of {seeds:,} seeds" + ("\n" if played == seeds else ""))
    sys.stderr.flush()


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
