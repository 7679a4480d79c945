"""An update from 0.1, and the way back, keep what holds something and are what CloudFormation can do."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest

from deploying.own_resources import KINDS
from tests.templates.synthesized import Deployment
from tests.upgrade.earlier import members_template, templates

pytestmark = pytest.mark.long

Resource = Mapping[str, Any]
Resources = Mapping[str, Resource]
HUB, ORGANIZATION, FORWARDING = "RootWardenHub", "RootWardenOrganization", "RootWardenForwarding-eu-west-1"
# What would be missed: data, messages, keys, who is subscribed, and what others know by its name.
HOLDS = {
    "AWS::CloudFormation::StackSet",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::Organizations::Policy",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::ScheduleGroup",
}
# docs/upgrading.md says what to do about each.
_RENAMED = {"ForwardingUndelivered1B36613E": "replaced"}
_ALERTS = {"Alerts91F83244": "gone", "Alertssecurityexamplecom61B21368": "gone"}
NOT_KEPT = {HUB: {}, ORGANIZATION: _RENAMED, FORWARDING: {**_RENAMED, **_ALERTS}, "member": _RENAMED}

each_stack = pytest.mark.parametrize("stack", NOT_KEPT)


@pytest.fixture
def before(stack: str) -> Resources:
    """What 0.1 deployed."""
    old = templates("everything")
    body = members_template(old[ORGANIZATION]) if stack == "member" else old[stack]
    found: Resources = body["Resources"]
    return found


@pytest.fixture
def after(stack: str, deployed: Deployment) -> Resources:
    """What is deployed now."""
    template = deployed.member if stack == "member" else deployed.templates[stack]
    found: Resources = template.body["Resources"]
    return found


def fate(old: Resource, new: Resource | None) -> str | None:
    """Return how CloudFormation would take the old resource away; None where it keeps it."""
    if new is None:
        return "gone"
    same = old["Type"] == new["Type"] and _for_life(old) == _for_life(new)
    return None if same else "replaced"


def _for_life(resource: Resource) -> dict[str, object]:
    """Return the properties that cannot change in a resource that stays, as AWS's schema of its type says."""
    # cfn-lint comes without types.
    schemas = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    schema = schemas.get_resource_schema("us-east-1", resource["Type"]).schema
    names = {path.split("/")[2] for path in schema.get("createOnlyProperties", ())}
    properties = resource.get("Properties", {})
    return {name: properties[name] for name in names & properties.keys()}


def _named(resource: Resource) -> tuple[str, object] | None:
    kind = KINDS.get(resource["Type"])
    name = resource.get("Properties", {}).get(kind.named_by) if kind and kind.named_by else None
    return (resource["Type"], str(name)) if name else None


def lost(before: Resources, after: Resources) -> dict[str, str]:
    """Return what holds something and does not survive, and how it goes."""
    holding = {name: resource for name, resource in before.items() if resource["Type"] in HOLDS}
    assert holding
    fates = {name: fate(resource, after.get(name)) for name, resource in holding.items()}
    return {name: how for name, how in fates.items() if how}


@each_stack
def test_nothing_that_holds_something_goes_but_what_the_upgrade_notes_name(
    stack: str, before: Resources, after: Resources
) -> None:
    assert lost(before, after) == NOT_KEPT[stack]


@each_stack
def test_on_the_way_back_only_what_is_new_goes_as_well(
    stack: str, before: Resources, after: Resources
) -> None:
    new = {name: "gone" for name in after if name not in before}
    on_the_way_back = lost(after, before)

    assert on_the_way_back.items() <= {**_RENAMED, **new}.items()
    # Of refused root sessions alone, which 0.1 alerts on again from its one queue.
    queues = {name for name in new if "RefusedSessions" in name}
    gone = {name for name, how in on_the_way_back.items() if how == "gone"} - queues
    assert {after[name]["Type"] for name in gone} <= {"AWS::Logs::LogGroup"}, stack


@each_stack
def test_what_outlives_its_stack_still_does(stack: str, before: Resources, after: Resources) -> None:
    kept = {name for name, resource in before.items() if resource.get("DeletionPolicy") == "Retain"}

    assert bool(kept) == (stack == HUB)
    assert all(
        after[name]["DeletionPolicy"] == after[name]["UpdateReplacePolicy"] == "Retain" for name in kept
    )


@each_stack
@pytest.mark.parametrize("back", [False, True], ids=["update", "way back"])
def test_nothing_new_takes_a_name_that_is_not_free_yet(
    stack: str, before: Resources, after: Resources, *, back: bool
) -> None:
    """CloudFormation makes what is new before it deletes what goes; services refuse a second of a name."""
    old, new = (after, before) if back else (before, after)
    made = {_named(each) for name, each in new.items() if name not in old or fate(old[name], each)}
    taken = {_named(each) for each in old.values()}

    assert made or back
    assert taken != {None} or (stack in {FORWARDING, "member"} and not back)
    assert made & taken <= {None}
