from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization
from tests.conftest import START
from tests.wiring.approval.people import APPROVERS, ON_DUTY, OPERATORS, Person
from tests.wiring.clean_slate import clean_slate


@pytest.fixture(scope="package")
def deployed(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Iterator[LocalAws]:
    """The example organization, in which recovery and unlocking need approval."""
    approval = {"approvers": [APPROVERS, ON_DUTY]}
    strict = replace(organization, configuration={"approval": approval})
    with LocalAws(strict, assembly=assembly_of(strict), start=START) as embedded:
        embedded.deploy()
        yield embedded


@pytest.fixture
def aws(deployed: LocalAws) -> LocalAws:
    """The deployed organization, as if nothing had happened in it yet."""
    clean_slate(deployed)
    return deployed


@pytest.fixture
def jane(aws: LocalAws) -> Person:
    """Somebody who operates rootwarden."""
    return Person(aws, OPERATORS, "jane@example.com")


@pytest.fixture
def omar(aws: LocalAws) -> Person:
    """Somebody who approves."""
    return Person(aws, APPROVERS, "omar@example.com")
