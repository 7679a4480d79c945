from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.aws import LocalAws
from tests.outcome_schemas import breaches

Outcomes = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def schemas_are_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every outcome that a test here brings about to its schema."""
    aws = request.getfixturevalue("aws") if "aws" in request.fixturenames else None
    yield
    assert aws is None or not breaches(aws.outcomes)


@pytest.fixture
def happen(aws: LocalAws) -> Callable[..., Outcomes]:
    """Deliver events, let everything that follows from them happen, return the outcomes."""

    def deliver(*events: dict[str, Any]) -> Outcomes:
        for event in events:
            aws.deliver(event)
        aws.run_until_idle()
        return aws.outcomes

    return deliver
