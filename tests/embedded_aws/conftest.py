"""The organization that tests of the embedded AWS deploy hand-written stacks into."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from moto import mock_aws

from embedded_aws.clock import VirtualClock
from embedded_aws.environment import EmbeddedAws
from embedded_aws.events.shape import Event
from embedded_aws.extensions import Extensions, installed_extensions
from embedded_aws.organizations.organization import Account, Organization, RootCredentials
from embedded_aws.organizations.state import OrganizationState
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER, ORGANIZATION_ID, Stack, write_assembly
from tests.stage import START

ORGANIZATION = Organization(
    organization_id=ORGANIZATION_ID,
    management_account=Account(id=MANAGEMENT, name="management"),
    accounts=(
        Account(id=HUB, name="security"),
        Account(
            id=MEMBER,
            name="payments-prod",
            organizational_unit="ou-ab12-11111111",
            root=RootCredentials(password=True, access_keys=2, signing_certificates=1, mfa_devices=1),
        ),
        Account(
            id="555566667777",
            name="legacy-erp",
            organizational_unit="ou-ab12-22222222",
            root=RootCredentials(password=True, access_keys=1),
        ),
        Account(
            id="666677778888", name="sandbox-old", state="SUSPENDED", root=RootCredentials(password=True)
        ),
    ),
)


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Callable[..., EmbeddedAws]]:
    """Deploy hand-written stacks into the organization."""
    with ExitStack() as running:

        def deploy(*stacks: Stack) -> EmbeddedAws:
            assembly = write_assembly(tmp_path / "cdk.out", *stacks)
            embedded = EmbeddedAws(ORGANIZATION, assembly=assembly, start=START)
            running.enter_context(embedded)
            embedded.deploy()
            return embedded

        yield deploy


@pytest.fixture
def noticed() -> list[Event]:
    """What CloudTrail noticed of the calls so far."""
    return []


@pytest.fixture
def extensions(request: pytest.FixtureRequest, noticed: list[Event]) -> Iterator[Extensions]:
    """What answers calls in the organization, or in the one that the test's file has of its own."""
    organization = getattr(request.module, "ORGANIZATION", ORGANIZATION)
    with (
        mock_aws(),
        VirtualClock(START) as clock,
        installed_extensions(OrganizationState(organization, clock), deliver=noticed.append) as extensions,
    ):
        yield extensions
