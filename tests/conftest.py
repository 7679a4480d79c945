"""What tests share: an organization, its synthesized stacks, and the embedded AWS they run in."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization, load_organization
from local.synthesis import configuration_of
from tests.assemblies import kept_assembly

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
_EXAMPLE = Path(__file__).parent.parent / "local" / "organization.example.yaml"


def pytest_configure() -> None:
    # Besides cfn-lint and cdk-nag, which tests hold every template against, CDK has checks of its
    # own that only warn, and take as long as synthesis itself.
    os.environ["CDK_VALIDATION"] = "false"
    # A shell lets what it starts in the background ignore Ctrl-C, and so would what tests start and end.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture
def aws(organization: Organization, assembly: Path) -> Iterator[LocalAws]:
    """The example organization with both stacks deployed."""
    with LocalAws(organization, assembly=assembly, start=START) as embedded:
        embedded.deploy()
        yield embedded
