"""The commands that put the watch of a second deployment back: they name its own stacks."""

from typing import Any

import pytest

from rootwarden.activity.watch import Watch
from tests.unit.given import HUB, MANAGEMENT, MEMBER
from tests.unit.test_put_back import asked, deployed_again, named, put_back, reverted

WITH_PREFIX = Watch(management_account_id=MANAGEMENT, hub_account_id=HUB, name_prefix="test-")

OF_A_SECOND_DEPLOYMENT = [
    (
        "forwarding_rule_deleted",
        MEMBER,
        asked(name="StackSet-test-rootwarden-Rule-1"),
        deployed_again("us-east-1", "test-rootwarden-forwarding"),
    ),
    (
        "forwarding_rule_disabled",
        HUB,
        asked(name="test-RootWardenHub-Rule-1", eventBusName="test-rootwarden"),
        (
            "aws events enable-rule --region us-east-1 --name test-RootWardenHub-Rule-1"
            " --event-bus-name test-rootwarden"
        ),
    ),
    # CloudFormation has cut the stack's name at 24 characters.
    (
        "forwarding_rule_deleted",
        MANAGEMENT,
        asked(name="test-RootWardenForwardin-Rule-1"),
        reverted("test-RootWardenForwarding-us-east-1"),
    ),
    (
        "forwarding_rule_deleted",
        MANAGEMENT,
        asked(name="test-RootWardenOrganizat-Rule-1"),
        reverted("test-RootWardenOrganization"),
    ),
    ("hub_bus_policy_changed", HUB, asked(eventBusName="test-rootwarden"), reverted("test-RootWardenHub")),
    (
        "stack_set_updated_by_deployment",
        MANAGEMENT,
        named("DeleteStackSet", stackSetName="test-rootwarden-forwarding"),
        reverted("test-RootWardenOrganization"),
    ),
    (
        "hub_stack_deployed",
        HUB,
        named("DeleteStack", stackName="test-RootWardenHub"),
        "make deploy PREFIX=test-",
    ),
    (
        "detach_deny_root_policy",
        MANAGEMENT,
        {"eventName": "UpdatePolicy"},
        reverted("test-RootWardenOrganization"),
    ),
]


@pytest.mark.parametrize(("name", "account", "changed", "command"), OF_A_SECOND_DEPLOYMENT)
def test_the_command_names_the_second_deployments_own_stacks(
    name: str, account: str, changed: dict[str, Any], command: str
) -> None:
    assert put_back(WITH_PREFIX, name, account, changed) == command
