"""What tests share: an organization, its synthesized stacks, and the embedded AWS they run in."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from embedded_aws.environment import EmbeddedAws
from embedded_aws.moto_patches import work_remembered
from local.organization import Organization, load_organization
from local.synthesis import configuration_of
from tests.assemblies import kept_assembly
from tests.embedded_aws.templates import Stack, write_assembly
from tests.stage import START, Stage

_STAGE = Stage()
# `pytest --hypothesis-profile thorough` looks further, as before a release.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile("quick")
_EXAMPLE = Path(__file__).parent.parent / "local" / "organization.example.yaml"


def pytest_configure(config: pytest.Config) -> None:
    # Every client would read its service's model anew: a quarter of all the time tests take.
    remembered = ExitStack()
    remembered.enter_context(work_remembered())
    config.add_cleanup(remembered.close)
    # Besides cfn-lint and cdk-nag, which tests hold every template against, CDK has checks of its
    # own that only warn, and take as long as synthesis itself.
    os.environ["CDK_VALIDATION"] = "false"
    # A shell lets what it starts in the background ignore Ctrl-C, and so would what tests start and end.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish(session: pytest.Session) -> None:
    _STAGE.collected(session.items)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _STAGE.leave_to(nextitem)


@pytest.fixture(scope="session")
def organization() -> Organization:
    """The example organization."""
    return load_organization(_EXAMPLE)


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
def aws(stage: Stage, organization: Organization, assembly: Path) -> EmbeddedAws:
    """The organization with everything deployed, as if nothing had happened in it yet."""
    return stage.clean(organization, assembly)


@pytest.fixture
def deployed(organization: Organization, tmp_path: Path) -> Iterator[Callable[..., EmbeddedAws]]:
    """Deploy hand-written stacks into the example organization."""
    with ExitStack() as running:

        def deploy(*stacks: Stack) -> EmbeddedAws:
            assembly = write_assembly(tmp_path / "cdk.out", *stacks)
            embedded = EmbeddedAws(organization, assembly=assembly, start=START)
            running.enter_context(embedded)
            embedded.deploy()
            return embedded

        yield deploy
