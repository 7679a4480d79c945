"""`python -m proofs faults`: the proof, and one run of it alone."""

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from local.organization import load_organization
from proofs.deployed import ORGANIZATION, deployed
from proofs.faults.kinds import Fault, Kind
from proofs.faults.runs import Chosen, Violation, play, play_all
from proofs.faults.scenarios import SCENARIOS

# For the cold starts of a run; making them takes seconds.
_IMPORTED = 2


def _fault(text: str) -> Fault:
    at, _, kind = text.partition(":")
    if not at.isdigit() or kind not in list(Kind):
        raise typer.BadParameter(f"{text!r} is no fault: CALL:KIND, KIND one of {', '.join(Kind)}")
    return Fault(int(at), Kind(kind))


def _scenario(text: str) -> str:
    if text not in SCENARIOS:
        raise typer.BadParameter(f"{text!r} is no scenario: one of {', '.join(SCENARIOS)}")
    return text


def faults(  # noqa: PLR0913 # a command's parameters are its options
    scenario: Annotated[
        list[str] | None, typer.Option(parser=_scenario, help="Only this one. May be repeated.")
    ] = None,
    fault: Annotated[
        list[Fault] | None,
        typer.Option(
            parser=_fault, metavar="CALL:KIND", help="One run alone: this call fails. May be repeated."
        ),
    ] = None,
    *,
    seed: Annotated[int, typer.Option(help="Which pairs are chosen, and which share.")] = 0,
    pairs: Annotated[float, typer.Option(help="Pairs of faults at each call, on average.")] = 0.3,
    share: Annotated[
        float, typer.Option(help="Which share of each scenario's single faults is played.")
    ] = 1.0,
    at_once: Annotated[int, typer.Option(help="Runs at the same time.")] = os.cpu_count() or 1,
    assembly: Annotated[Path | None, typer.Option(help="Templates synthesized before.")] = None,
) -> int:
    """Let every AWS call of every scenario fail in every way, and some pairs of calls."""
    began, names = time.perf_counter(), scenario or list(SCENARIOS)
    imported = 0 if fault else _IMPORTED
    with deployed(load_organization(ORGANIZATION), assembly=assembly, imported=imported) as aws:
        if fault:
            found = play(aws, names[0], fault)
            _show([found] if found else [])
            return 1 if found else 0
        runs = broken = known = 0
        for name in names:
            played = play_all(aws, name, Chosen(seed, share, pairs), at_once=at_once)
            _write(f"{name}: {played.runs:,} runs, {len(played.broken)} violations")
            _show(played.broken)
            runs += played.runs
            broken += len(played.broken)
            known += played.known
    seconds = time.perf_counter() - began
    _write(f"faults: {runs:,} runs, {broken} violations ({known} known besides), {seconds:.0f} s")
    return 1 if broken else 0


def _show(broken: Iterable[Violation]) -> None:
    for each in broken:
        options = "".join(f" --fault {fault}" for fault in each.faults)
        _write(f"{each.scenario}: {'; '.join(each.struck) or 'nothing failed'}")
        for text in each.texts:
            _write(f"  {text}")
        _write(f"  PYTHONHASHSEED=0 python -m proofs faults --scenario {each.scenario}{options}")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
