"""What tests share: an organization, its synthesized stacks, and the embedded AWS they run in."""

import fcntl
import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.deployment.synthesis import configuration_of, synthesize
from local.embedded_aws import EmbeddedAws
from local.organization import Organization, load_organization
from tests.embedded.templates import Stack, write_assembly

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
def assembly_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Organization], Path]:
    """Synthesize for an organization; each configuration once, also across parallel workers."""
    base = tmp_path_factory.getbasetemp()
    # Every worker of a parallel run has a directory of its own inside the run's directory.
    shared = base.parent if base.name.startswith("popen-") else base

    def synthesized(organization: Organization) -> Path:
        configuration = json.dumps(configuration_of(organization), sort_keys=True)
        name = f"cdk.out-{hashlib.sha256(configuration.encode()).hexdigest()[:12]}"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / name / "manifest.json").is_file():
                synthesize(organization, shared / name)
        return shared / name

    return synthesized


@pytest.fixture(scope="session")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    """The cloud assembly of the example organization."""
    return assembly_of(organization)


@pytest.fixture
def aws(organization: Organization, assembly: Path) -> Iterator[EmbeddedAws]:
    """The example organization with both stacks deployed."""
    with EmbeddedAws(organization, assembly=assembly, start=START) as embedded:
        embedded.deploy()
        yield embedded


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
