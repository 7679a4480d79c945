"""Drills on the embedded AWS: time passes while a drill waits, and AWS goes on meanwhile."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from rootctl.drill import delivery, sightings, window
from tests.rootctl.conftest import run

Drill = Callable[..., tuple[dict[str, Any], int]]

# A drill that misses something looks for a quarter of an hour: in strides, so that tests stay short.
_STRIDE = 150.0


def drilling(aws: LocalAws, directory: Path, patch: pytest.MonkeyPatch) -> Drill:
    """Return what runs a drill in an account: its record or its error, and its exit code."""

    def wait(_seconds: float) -> None:
        aws.clock.advance(_STRIDE)
        aws.run_until_idle()

    # The functions' threads sleep as well, so that only the drill's own sleeping is replaced.
    for module in (sightings, delivery, window):
        patch.setattr(module, "sleep", wait)

    def drilled(
        account: str, *options: str, form: tuple[str, ...] = ("--json",)
    ) -> tuple[dict[str, Any], int]:
        result = run("drill", account, "--yes", *form, "--to", str(directory), *options)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        record = json.loads(result.stdout) if form and result.stdout else {}
        return record | {"error": result.stderr}, result.exit_code

    return drilled


def sights(record: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["sight"] for step in record["steps"]}


def missing(record: dict[str, Any]) -> list[str]:
    return [step["step"] for step in record["steps"] if step["sight"] != "seen"]


def step(record: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [each for each in record["steps"] if each["step"] == name]
    return dict(found)


def reasons(record: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong, by the check that says so."""
    return {each["check"]: each["text"] for each in record["reasons"] if each["status"] == "wrong"}


@contextmanager
def rules_off(aws: LocalAws, name: str, account: str, region: str, bus: str = "default") -> Iterator[None]:
    """Disable the rules of a bus whose name holds a text."""
    events = aws.client("events", account=account, region=region)
    rules = [each["Name"] for each in events.list_rules(EventBusName=bus)["Rules"] if name in each["Name"]]
    assert rules
    for rule in rules:
        events.disable_rule(Name=rule, EventBusName=bus)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule, EventBusName=bus)
