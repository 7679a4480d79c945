from collections.abc import Callable
from pathlib import Path

import pytest

from local.organization import Organization
from tests.stage import in_few_regions
from tests.templates.synthesized import Deployment, synthesized


@pytest.fixture(scope="session")
def deployed() -> Deployment:
    """The tests' configuration, synthesized once."""
    return synthesized()


@pytest.fixture(scope="package")
def organization(organization: Organization) -> Organization:
    """The example organization, in a few Regions: that of the wiring tests."""
    return in_few_regions(organization)


@pytest.fixture(scope="package")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(organization)
