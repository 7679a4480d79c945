"""What of the watch is named in more than one way: roles, in any case, and each account's default bus."""

import pytest

from rootwarden.activity.watched_resources import DeployedBy
from tests.unit.given import HUB, MANAGEMENT, MEMBER
from tests.unit.test_watched_resources import call, whose


@pytest.mark.parametrize("prefix", ["", "test-"])
@pytest.mark.parametrize(
    ("stack", "account", "owner"),
    [
        ("{}RootWardenOrganization", MANAGEMENT, DeployedBy.ORGANIZATION),
        ("{}RootWardenForwarding-eu-west-1", MANAGEMENT, DeployedBy.ORGANIZATION),
        ("{}RootWardenHub", HUB, DeployedBy.HUB),
        ("{}rootwarden", HUB, DeployedBy.HUB),
        ("StackSet-{}rootwarden-forwarding", MEMBER, DeployedBy.STACK_INSTANCE),
        ("stacksets-exec", MEMBER, DeployedBy.STACK_INSTANCE),
        ("{}RootWardenLike", HUB, None),
        ("{}rootwardenlike", HUB, None),
    ],
)
def test_a_role_is_ours_in_any_case(stack: str, account: str, owner: DeployedBy | None, prefix: str) -> None:
    # CloudFormation cuts the stack's name.
    written = f"{stack.format(prefix)[:23]}-Role-1"
    for spelled in (written, written.upper(), written.lower()):
        found = whose(call("iam", {"roleName": spelled}, account), prefix)

        assert found is not None
        assert (found.name.upper(), found.owner) == (written.upper(), owner)


def test_other_services_tell_names_apart_by_case() -> None:
    assert whose(call("events", {"name": "ROOTWARDENHUB-Rule-1"}, HUB)) is None


@pytest.mark.parametrize("account", [MEMBER, HUB, MANAGEMENT])
@pytest.mark.parametrize("prefix", ["", "test-"])
@pytest.mark.parametrize(
    "parameters",
    [{"name": "default"}, {"name": f"arn:aws:events:us-east-1:{MEMBER}:event-bus/default"}, {}, None],
)
def test_the_default_bus_is_of_the_watch_in_every_account(
    parameters: dict[str, str] | None, account: str, prefix: str
) -> None:
    found = whose(call("events", parameters, account, eventName="UpdateEventBus"), prefix)

    assert found is not None
    assert (found.name, found.plain, found.owner) == ("default", "default", DeployedBy.STACK_INSTANCE)
    # A rule may be called so too, and AWS never deletes that bus.
    for event in ("DeleteRule", "DeleteEventBus"):
        assert whose(call("events", {"name": "default"}, account, eventName=event), prefix) is None
