"""The local engine and one whole deployment, shared by the tests that look at it."""

from collections.abc import Iterator

import pytest

from tests.deploy.lifecycle import MANAGEMENT, Lifecycle
from tests.deploy.local_engine import LocalEngine, running_engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    """An engine whose organization the account MANAGEMENT manages."""
    with running_engine(tmp_path_factory.mktemp("engine"), management_account=MANAGEMENT) as running:
        yield running


@pytest.fixture(scope="session")
def lifecycle(engine: LocalEngine) -> Lifecycle:
    """A deployment made, repeated, used and removed."""
    return Lifecycle.run_through(engine)
