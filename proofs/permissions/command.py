"""The proof of permissions, as a command."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Annotated

import typer

from proofs.permissions.page import PAGE, tables, unexplained, unlabelled, written
from proofs.permissions.topologies import delegated_hub, management_hub
from proofs.permissions.verdict import Verdict, prove


def permissions(
    *, write: Annotated[bool, typer.Option("--write", help="Write docs/permissions.md anew.")] = False
) -> int:
    """Judge every call, permission and arrow of two deployments in which everything happens."""
    topologies = [delegated_hub(), management_hub()]
    # What is deployed is one thing for a whole process.
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as processes:
        verdicts = list(processes.map(prove, topologies))
    problems = [
        f"{kind}: {line} ({topology.words})"
        for topology, verdict in zip(topologies, verdicts, strict=True)
        for kind in ("missing", "unused", "wrong")
        for line in getattr(verdict, kind)
    ]
    rows = [verdict.rows for verdict in verdicts]
    problems += [f"not said, when: {line}" for line in unlabelled(rows)]
    page = PAGE.read_text(encoding="utf-8")
    anew = written(page, tables(rows, page))
    problems += [f"not said, what for: {line}" for line in unexplained(anew)]
    if write:
        PAGE.write_text(anew, encoding="utf-8")
    elif anew != page:
        problems.append("stale: docs/permissions.md says otherwise: make permissions-page")
    sys.stdout.write("".join(f"{line}\n" for line in (*problems, figures(verdicts))))
    return 1 if problems else 0


def figures(verdicts: list[Verdict]) -> str:
    """Return the line the proof ends in."""
    roles, calls, denied, arrows = (
        sum(getattr(verdict, name) for verdict in verdicts) for name in ("roles", "calls", "denied", "arrows")
    )
    missing, unused, kept, wrong = (
        sum(len(getattr(verdict, name)) for verdict in verdicts)
        for name in ("missing", "unused", "kept", "wrong")
    )
    return (
        f"permissions: {roles} roles, {calls} calls judged, {missing} missing, "
        f"{unused} unused ({kept} kept with a reason), {denied} forbidden calls denied, {arrows} arrows, "
        f"{wrong} wrong"
    )
