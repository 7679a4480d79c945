"""make audit: what was found is found, and what could not be checked never looks clean."""

import json
import re

import pytest

from supply_chain.advisories import Verdict, read_npm_audit, read_pip_audit
from supply_chain.audit import CLEAN, FOUND, LOCKS, NOT_ALL_CHECKED, report
from tests.docs.page import PROJECT

_CLEAN = {"name": "boto3", "version": "1.44.5", "vulns": []}
_SKIPPED = {"name": "jmespath", "skip_reason": "Dependency not found on PyPI and could not be audited"}
_AFFECTED = {
    "name": "flask",
    "version": "0.5",
    "vulns": [{"id": "PYSEC-2019-179", "fix_versions": ["1.0"], "aliases": [], "description": "…"}],
}
_ADVISORY = {
    "title": "Code injection",
    "url": "https://github.com/advisories/GHSA-1",
    "severity": "high",
    "source": 1,
}


def _pip(*packages: object) -> Verdict:
    return read_pip_audit("lock", json.dumps({"dependencies": packages, "fixes": []}), "")


def _npm(vulnerabilities: object) -> Verdict:
    counted = {"dependencies": {"total": 12}}
    document = {"auditReportVersion": 2, "vulnerabilities": vulnerabilities, "metadata": counted}
    return read_npm_audit("lock", json.dumps(document), "")


@pytest.mark.parametrize(
    ("verdict", "code", "said"),
    [
        (_pip(_CLEAN), CLEAN, "lock: 1 packages checked, 0 known vulnerabilities"),
        (_pip(_CLEAN, _AFFECTED), FOUND, "  flask 0.5: PYSEC-2019-179, fixed in 1.0"),
        (_pip(_CLEAN, _SKIPPED), NOT_ALL_CHECKED, "NOT CHECKED: jmespath"),
        (_pip(_AFFECTED, _SKIPPED), NOT_ALL_CHECKED, "  flask 0.5: PYSEC-2019-179, fixed in 1.0"),
        (_pip(_SKIPPED), NOT_ALL_CHECKED, "lock: NOT CHECKED: jmespath"),
        (_pip(), NOT_ALL_CHECKED, "lock: NOT CHECKED: it names no packages"),
        (
            read_pip_audit("lock", "", "ERROR\nno network"),
            NOT_ALL_CHECKED,
            "NOT CHECKED: everything: no network",
        ),
        (read_pip_audit("lock", "[]", ""), NOT_ALL_CHECKED, "the tool gave no answer"),
        (_npm({}), CLEAN, "lock: 12 packages checked, 0 known vulnerabilities"),
        (
            _npm({"a": {"via": [_ADVISORY]}, "b": {"via": ["a"]}}),
            FOUND,
            "  a: Code injection (https://github.com/advisories/GHSA-1), high",
        ),
        (read_npm_audit("lock", '{"message": "405"}', ""), NOT_ALL_CHECKED, "NOT CHECKED: everything: 405"),
        (read_npm_audit("lock", "", "npm: not found"), NOT_ALL_CHECKED, "everything: npm: not found"),
    ],
)
def test_each_answer_is_what_it_is(verdict: Verdict, code: int, said: str) -> None:
    lines, ended = report([verdict])

    assert ended == code
    assert said in "\n".join(lines)
    assert ("NOT CHECKED: no advisory service" in lines[-1]) is (code == NOT_ALL_CHECKED)


def test_a_clean_lock_file_does_not_hide_one_that_was_not_checked() -> None:
    lines, ended = report([_pip(_CLEAN), _pip(_SKIPPED), _pip(_AFFECTED)])

    assert ended == NOT_ALL_CHECKED
    assert len(lines) == 5


def test_every_lock_file_is_judged_and_renewed() -> None:
    found = {
        str(path.relative_to(PROJECT))
        for folder in (PROJECT, PROJECT / "lambdas", PROJECT / "tests" / "deploy")
        for pattern in ("requirements*.txt", "package-lock.json")
        for path in folder.glob(pattern)
    }
    assert set(LOCKS) == found

    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    [named] = re.findall(r"for name in (.+); do", makefile)
    assert {f"{name}.txt" for name in named.split()} == {lock for lock in LOCKS if lock.endswith(".txt")}
