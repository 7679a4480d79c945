import pytest

from tests.infrastructure.synthesized import Deployment, synthesize


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The test configuration, synthesized once: the hub is a delegated administrator."""
    return synthesize(tmp_path_factory.mktemp("deployed"))
