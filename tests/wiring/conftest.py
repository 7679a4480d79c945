from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.organization import Organization
from tests.outcome_schemas import breaches
from tests.stage import in_few_regions

Outcomes = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def schemas_are_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every outcome that a test here brings about to its schema."""
    aws = request.getfixturevalue("aws") if "aws" in request.fixturenames else None
    yield
    assert aws is None or not breaches(aws.outcomes)


@pytest.fixture(scope="package")
def organization(organization: Organization) -> Organization:
    """The example organization, in a few Regions."""
    return in_few_regions(organization)


@pytest.fixture(scope="package")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(organization)


@pytest.fixture
def happen(aws: LocalAws) -> Callable[..., Outcomes]:
    """Deliver events, let everything that follows from them happen, return the outcomes."""

    def deliver(*events: dict[str, Any]) -> Outcomes:
        for event in events:
            aws.deliver(event)
        aws.run_until_idle()
        return aws.outcomes

    return deliver
