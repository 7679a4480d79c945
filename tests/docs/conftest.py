import pytest

from tests.templates.synthesized import Deployment, synthesized


@pytest.fixture(scope="session")
def deployed() -> Deployment:
    """The test configuration, synthesized once: with everything that is optional."""
    return synthesized()
