from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization
from tests.wiring.approval.people import APPROVERS, ON_DUTY, OPERATORS, Person


@pytest.fixture(scope="package")
def organization(organization: Organization) -> Organization:
    """The example organization, in which recovery and unlocking need approval."""
    approval = {"approvers": [APPROVERS, ON_DUTY]}
    return replace(organization, configuration={**organization.configuration, "approval": approval})


@pytest.fixture(scope="package")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(organization)


@pytest.fixture
def jane(aws: LocalAws) -> Person:
    """Somebody who operates rootwarden."""
    return Person(aws, OPERATORS, "jane@example.com")


@pytest.fixture
def omar(aws: LocalAws) -> Person:
    """Somebody who approves."""
    return Person(aws, APPROVERS, "omar@example.com")
