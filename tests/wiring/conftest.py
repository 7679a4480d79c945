from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.environment import EmbeddedAws
from local.organization import Organization
from tests.stage import in_few_regions

Outcomes = list[dict[str, Any]]


@pytest.fixture(scope="package")
def organization(organization: Organization) -> Organization:
    """The example organization, in a few Regions."""
    return in_few_regions(organization)


@pytest.fixture(scope="package")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(organization)


@pytest.fixture
def happen(aws: EmbeddedAws) -> Callable[..., Outcomes]:
    """Deliver events, let everything that follows from them happen, return the outcomes."""

    def deliver(*events: dict[str, Any]) -> Outcomes:
        for event in events:
            aws.deliver(event)
        aws.run_until_idle()
        return aws.outcomes

    return deliver
