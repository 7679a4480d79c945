"""docs/events.md is the contract: every outcome that ever leaves validates against its schema there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from local.aws import LocalAws
from local.scenarios.scenario import Scenario
from tests.wiring.asking import ask
from tests.wiring.sample_events import MEMBER, sample

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
SCHEMAS: dict[str, Any] = {
    name.replace("-", " "): json.loads(schema)
    for name, schema in re.findall(r"```json schema=([\w-]+)\n(.*?)```", _DOCUMENT, re.DOTALL)
}
# What comes of what a person asks for, and of no event. The organization's stack begins a sweep.
_ASKED_FOR = {"Recovery Window Change", "Resource Policy Unlock", "Test Alert"}
_SAMPLES = [path.stem for path in sorted((Path(__file__).parent.parent / "events").glob("*.json"))]


def _check(outcomes: list[dict[str, Any]]) -> set[str]:
    for outcome in outcomes:
        schema = SCHEMAS[outcome["detail-type"]]
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(outcome["detail"])]
        assert errors == [], outcome["detail"]
    return {outcome["detail-type"] for outcome in outcomes}


def test_every_schema_in_the_document_is_a_schema() -> None:
    assert len(SCHEMAS) >= 4
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_the_outcomes_of_every_sample_event_keep_to_their_schema(aws: LocalAws) -> None:
    for name in _SAMPLES:
        aws.deliver(sample(name, region="us-east-1"))
        if name.startswith("root_console"):
            Scenario(aws).sign_in_as_root(MEMBER, succeeded=False)
        aws.run_until_idle()

    assert _check(aws.outcomes) == set(SCHEMAS) - _ASKED_FOR


@pytest.mark.parametrize("operation", ["AssumeRoot", "ListAccessKeys", "DeleteLoginProfile"])
def test_the_outcomes_of_failures_keep_to_their_schema(
    aws: LocalAws, happen: Callable[..., Any], operation: str
) -> None:
    aws.extensions.faults.fail(operation, "AccessDenied", http=403, times=None)

    assert _check(happen(sample("create_account_result_succeeded"))) == {"Account Hardening Result"}


@pytest.mark.parametrize("refused", [None, "AssumeRoot", "CreateLoginProfile", "UpdateItem"])
def test_the_outcomes_of_recovery_windows_keep_to_their_schema(aws: LocalAws, refused: str | None) -> None:
    window = {"account": MEMBER, "hours": 1, "reason": "lost MFA device", "requestedBy": "alice"}
    if refused and refused != "UpdateItem":
        aws.extensions.faults.fail(refused, "AccessDenied", http=403)
    ask(aws, "open_recovery", **window)
    aws.clock.advance(3700)
    if refused == "UpdateItem":
        aws.extensions.faults.fail(refused, "AccessDenied", http=403)
    aws.run_until_idle()

    assert "Recovery Window Change" in _check(aws.outcomes)
