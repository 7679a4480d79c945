"""`python -m supply_chain.audit [LOCK ...]`: looks for known vulnerabilities in what the lock files pin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from supply_chain.advisories import Verdict, read_npm_audit, read_pip_audit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LOCKS = (
    "lambdas/requirements.txt",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-deploy-test.txt",
    "requirements-supply-chain.txt",
    "requirements-mutants.txt",
    "package-lock.json",
    "tests/deploy/package-lock.json",
)
CLEAN, NOT_ALL_CHECKED, FOUND = 0, 1, 3
_PIP_AUDIT = (".venv-audit/bin/pip-audit", "--require-hashes", "--disable-pip", "--progress-spinner=off")
_NAMED = 3


def judge(lock: str) -> Verdict:
    """Ask the advisory service about one lock file."""
    if lock.endswith(".json"):
        folder = str(Path(lock).parent)
        return read_npm_audit(
            lock, *_run(["npm", "audit", "--json", "--package-lock-only", "--prefix", folder])
        )
    return read_pip_audit(lock, *_run([*_PIP_AUDIT, "--format=json", f"--requirement={lock}"]))


def report(verdicts: Iterable[Verdict]) -> tuple[list[str], int]:
    """Return what is said, and the exit code: as rootctl's, what was not checked outweighs what was found."""
    lines: list[str] = []
    found = missed = False
    for verdict in verdicts:
        found |= bool(verdict.findings)
        missed |= bool(verdict.not_checked) or not verdict.checked
        lines.append(f"{verdict.lock}: {_summary(verdict)}")
        lines += [f"  {finding}" for finding in verdict.findings]
    if missed:
        lines.append(
            "NOT CHECKED: no advisory service answered for everything above. Try again where one can."
        )
    return lines, NOT_ALL_CHECKED if missed else FOUND if found else CLEAN


def _summary(verdict: Verdict) -> str:
    said = []
    if verdict.checked:
        said = [f"{verdict.checked} packages checked, {len(verdict.findings)} known vulnerabilities"]
    if verdict.not_checked or not verdict.checked:
        more = len(verdict.not_checked) - _NAMED
        named = ", ".join(verdict.not_checked[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        said.append(f"NOT CHECKED: {named or 'it names no packages'}")
    return "; ".join(said)


def _run(command: Sequence[str]) -> tuple[str, str]:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    except OSError as error:
        return "", str(error)
    return ended.stdout, ended.stderr


def main() -> None:
    """Say the verdict on each lock file, then end with the exit code that sums them up."""
    lines, code = report([judge(lock) for lock in sys.argv[1:] or LOCKS])
    sys.stdout.write("\n".join(lines) + "\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
