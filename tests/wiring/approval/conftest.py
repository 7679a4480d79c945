from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from embedded_aws.environment import EmbeddedAws
from local.organization import Organization
from tests.conftest import START
from tests.wiring.approval.people import APPROVERS, ON_DUTY, OPERATORS, Person
from tests.wiring.clean_slate import clean_slate


@pytest.fixture(scope="package")
def deployed(
    organization: Organization, assembly_of: Callable[[Organization], Path]
) -> Iterator[EmbeddedAws]:
    """The example organization, in which recovery and unlocking need approval."""
    approval = {"approvers": [APPROVERS, ON_DUTY]}
    strict = replace(organization, configuration={"approval": approval})
    with EmbeddedAws(strict, assembly=assembly_of(strict), start=START) as embedded:
        embedded.deploy()
        yield embedded


@pytest.fixture
def aws(deployed: EmbeddedAws) -> EmbeddedAws:
    """The deployed organization, as if nothing had happened in it yet."""
    clean_slate(deployed)
    return deployed


@pytest.fixture
def jane(aws: EmbeddedAws) -> Person:
    """Somebody who operates rootwarden."""
    return Person(aws, OPERATORS, "jane@example.com")


@pytest.fixture
def omar(aws: EmbeddedAws) -> Person:
    """Somebody who approves."""
    return Person(aws, APPROVERS, "omar@example.com")
