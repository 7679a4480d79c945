from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.organization import Organization
from tests.conftest import START
from tests.outcome_schemas import breaches
from tests.wiring.clean_slate import clean_slate

Outcomes = list[dict[str, Any]]


@pytest.fixture(scope="package")
def deployed(organization: Organization, assembly: Path) -> Iterator[LocalAws]:
    """The example organization with everything deployed, shared by all tests here."""
    with LocalAws(organization, assembly=assembly, start=START) as embedded:
        embedded.deploy()
        yield embedded


@pytest.fixture
def aws(deployed: LocalAws) -> LocalAws:
    """The deployed organization, as if nothing had happened in it yet."""
    clean_slate(deployed)
    return deployed


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
