"""Deploying again, using and removing what was deployed."""

from dataclasses import fields

import pytest

from tests.deploy.deployed_resources import DeployedResources
from tests.deploy.lifecycle import STACKS, Lifecycle, OrganizationSwitches

pytestmark = pytest.mark.deploy

ALL_ON = OrganizationSwitches(
    trusted_services=["iam.amazonaws.com"],
    root_features=["RootCredentialsManagement", "RootSessions"],
    stack_sets_access="ENABLED",
)
ALL_OFF = OrganizationSwitches(trusted_services=[], root_features=[], stack_sets_access="DISABLED")


def test_everything_deployed_is_seen(lifecycle: Lifecycle) -> None:
    assert not any(_names(lifecycle.bootstrapped.resources).values())
    assert all(_names(lifecycle.deployed.resources).values())


def test_deploying_switches_everything_on(lifecycle: Lifecycle) -> None:
    assert lifecycle.bootstrapped.switches == ALL_OFF
    assert lifecycle.deployed.switches == ALL_ON


@pytest.mark.parametrize("stack", STACKS)
def test_deploying_again_changes_no_stack(lifecycle: Lifecycle, stack: str) -> None:
    assert f"{stack} (no changes)" in lifecycle.second_run.output


def test_deploying_again_changes_no_resource(lifecycle: Lifecycle) -> None:
    assert lifecycle.deployed_again == lifecycle.deployed


def test_an_event_on_a_deployed_queue_ends_as_an_email(lifecycle: Lifecycle) -> None:
    assert "root signed in without MFA" in lifecycle.email


def test_destroying_leaves_nothing_behind(lifecycle: Lifecycle) -> None:
    assert not any(_names(lifecycle.destroyed.resources).values())
    assert not any(_names(lifecycle.destroyed.other_region).values())


def test_destroying_switches_nothing_off(lifecycle: Lifecycle) -> None:
    assert lifecycle.destroyed.switches == ALL_ON


def _names(resources: DeployedResources) -> dict[str, list[str]]:
    return {kind.name: sorted(getattr(resources, kind.name)) for kind in fields(resources)}
