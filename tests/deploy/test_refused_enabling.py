"""A deployment whose enabling AWS refuses."""

from dataclasses import fields

import pytest

from tests.deploy.cdk_command_line import CdkCommandLine
from tests.deploy.deployed_resources import deployed_resources
from tests.deploy.lifecycle import configuration, organization_switches
from tests.deploy.local_engine import LocalEngine

pytestmark = pytest.mark.deploy

# In the organization of lifecycle.MANAGEMENT this is an ordinary member.
MEMBER = "444455556666"


def test_refused_enabling_fails_the_deployment_with_aws_words_and_leaves_nothing(
    engine: LocalEngine,
) -> None:
    """Given a configuration that takes a member account for the management account."""
    before = organization_switches(engine)
    cdk = CdkCommandLine(engine, MEMBER, configuration(MEMBER, "o-aa111bb222", "r-ab12"))
    assert cdk.bootstrap().succeeded

    deployment = cdk.deploy("RootWardenOrganization")

    assert not deployment.succeeded
    assert "You don't have permissions to access this resource." in deployment.output
    assert organization_switches(engine) == before
    left = deployed_resources(engine, MEMBER)
    assert {kind.name: getattr(left, kind.name) for kind in fields(left) if getattr(left, kind.name)} == {}
