"""What pip-audit and npm say about a lock file: what was checked, what was found, what was not checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """One lock file, judged. Packages nothing is known about are never counted as clean."""

    lock: str
    checked: int = 0
    findings: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()


def read_pip_audit(lock: str, output: str, errors: str) -> Verdict:
    """Read pip-audit's JSON; its exit code is 0 also where it could ask about no package at all."""
    answer = _document(output)
    if "dependencies" not in answer:
        return _unanswered(lock, errors)
    packages: list[dict[str, Any]] = answer["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    findings = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, {_fixed(vulnerability)}"
        for package in packages
        for vulnerability in package.get("vulns", [])
    ]
    return Verdict(lock, len(packages) - len(skipped), tuple(findings), tuple(skipped))


def read_npm_audit(lock: str, output: str, errors: str) -> Verdict:
    """Read `npm audit --json`; its exit code is 1 for a finding and for no answer alike."""
    answer = _document(output)
    if "auditReportVersion" not in answer:
        return _unanswered(lock, str(answer.get("message") or errors))
    # A package that only depends on an affected one names it in `via`, in place of an advisory.
    findings = [
        f"{name}: {advisory['title']} ({advisory['url']}), {advisory['severity']}"
        for name, vulnerability in sorted(answer["vulnerabilities"].items())
        for advisory in vulnerability["via"]
        if isinstance(advisory, dict)
    ]
    return Verdict(lock, answer["metadata"]["dependencies"]["total"], tuple(findings))


def _fixed(vulnerability: dict[str, Any]) -> str:
    versions = ", ".join(vulnerability["fix_versions"])
    return f"fixed in {versions}" if versions else "no version fixes it yet"


def _document(output: str) -> dict[str, Any]:
    try:
        answer = json.loads(output)
    except json.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _unanswered(lock: str, errors: str) -> Verdict:
    lines = errors.strip().splitlines()
    return Verdict(lock, not_checked=(f"everything: {lines[-1] if lines else 'the tool gave no answer'}",))
