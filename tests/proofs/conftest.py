from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization, load_organization
from proofs.deployed import ORGANIZATION, START, deployed
from proofs.simulation.turns import SharedClock
from tests.stage import Stage


@pytest.fixture(scope="package")
def proven(stage: Stage, assembly_of: Callable[[Organization], Path]) -> Iterator[LocalAws]:
    """The proofs' organization, deployed; what a copy of this process does to it stays in the copy."""
    stage.clear()
    organization = load_organization(ORGANIZATION)
    assembly = assembly_of(organization)
    with deployed(organization, assembly=assembly, environments=1, clock=SharedClock(START)) as aws:
        yield aws
