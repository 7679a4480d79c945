import pytest

from tests.infrastructure.synthesized import Deployment, synthesize


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The test configuration, synthesized once: with everything that is optional."""
    return synthesize(tmp_path_factory.mktemp("documented"))
