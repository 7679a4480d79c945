from collections.abc import Callable
from pathlib import Path

import pytest

from local.organization import Organization
from tests.stage import in_few_regions
from tests.templates.synthesized import Deployment, synthesized


@pytest.fixture(scope="package")
def organization(organization: Organization) -> Organization:
    """The example organization, in a few Regions."""
    return in_few_regions(organization)


@pytest.fixture(scope="package")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(organization)


@pytest.fixture(scope="session")
def deployed() -> Deployment:
    """The test configuration, synthesized once: with everything that is optional."""
    return synthesized()
