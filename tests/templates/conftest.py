import pytest

from tests.templates.synthesized import Deployment, synthesized


@pytest.fixture(scope="session")
def deployed() -> Deployment:
    """The test configuration, synthesized once: the hub is a delegated administrator."""
    return synthesized()
