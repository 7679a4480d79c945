"""rootctl doctor, run for a program."""

import json
from typing import Any

from tests.rootctl.conftest import run


def doctor(*arguments: str) -> tuple[dict[str, list[dict[str, Any]]], int]:
    """Run it; return the results by check, and the exit code."""
    result = run("doctor", "--output", "json", *arguments)
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(result.stdout)["results"]:
        found.setdefault(each["check"], []).append(each)
    return found, result.exit_code


def statuses(results: list[dict[str, Any]]) -> set[str]:
    return {each["status"] for each in results}
