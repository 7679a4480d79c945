"""What tests share: an organization, its synthesized stacks, and the embedded AWS they run in."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from embedded_aws.remembered_work import work_remembered
from local.aws import LocalAws
from local.organization import Organization, load_organization
from local.synthesis import configuration_of
from tests.assemblies import kept_assembly
from tests.stage import Stage, in_few_regions

_STAGE = Stage()
_EXAMPLE = Path(__file__).parent.parent / "local" / "organization.example.yaml"


def pytest_configure(config: pytest.Config) -> None:
    # Every client would read its service's model anew: a quarter of all the time tests take.
    remembered = ExitStack()
    remembered.enter_context(work_remembered())
    config.add_cleanup(remembered.close)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    _STAGE.collected(items)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _STAGE.leave_to(nextitem)


@pytest.fixture(scope="session")
def organization() -> Organization:
    """The example organization, in a few Regions."""
    return in_few_regions(load_organization(_EXAMPLE))


@pytest.fixture(scope="session")
def assembly_of() -> Callable[[Organization], Path]:
    """Synthesize for an organization; each configuration once, also across parallel workers and runs."""
    return lambda organization: kept_assembly(configuration_of(organization))


@pytest.fixture(scope="session")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    """The cloud assembly of the example organization."""
    return assembly_of(organization)


@pytest.fixture(scope="session")
def stage() -> Stage:
    """What is deployed in this process."""
    return _STAGE


@pytest.fixture
def aws(stage: Stage, organization: Organization, assembly: Path) -> LocalAws:
    """The organization with everything deployed, as if nothing had happened in it yet."""
    return stage.clean(organization, assembly)
