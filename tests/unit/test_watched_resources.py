"""Which resources are the watch's own, by the names that calls give, and what is said of a call on one."""

from dataclasses import replace
from typing import Any

import pytest

from rootwarden.activity.root_activity import Assessment, Finding
from rootwarden.activity.watch_changes import watch_change
from rootwarden.activity.watched_resources import (
    DeployedBy,
    WatchedResource,
    names_watched_resource,
    own_name,
    watched_resource,
)
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Activity, Severity
from tests.unit.given import HUB, MANAGEMENT, MEMBER
from tests.unit.sample_events import record, sample

ORGANIZATION, IN_HUB, IN_MEMBER = DeployedBy.ORGANIZATION, DeployedBy.HUB, DeployedBy.STACK_INSTANCE
RULE = "StackSet-rootwarden-forw-Rule-1"
BY_CLOUDFORMATION = {"userIdentity": {"type": "AssumedRole", "invokedBy": "cloudformation.amazonaws.com"}}


def call(
    service: str, parameters: dict[str, Any] | None, account: str = MEMBER, **changed: object
) -> CloudTrailRecord:
    event = sample(
        "forwarding_rule_deleted",
        eventSource=f"{service}.amazonaws.com",
        requestParameters=parameters,
        **changed,
    )
    return record(event | {"account": account})


def whose(called: CloudTrailRecord, prefix: str = "") -> WatchedResource | None:
    return watched_resource(called, MANAGEMENT, HUB, prefix)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("RootWardenHub", "RootWardenHub"),
        (f"https://sqs.us-east-1.amazonaws.com/{HUB}/rootwarden-undelivered", "rootwarden-undelivered"),
        (f"{HUB}/rootwarden-undelivered", "rootwarden-undelivered"),
        (f"arn:aws:iam::{HUB}:role/RootWardenHub-Role-1", "RootWardenHub-Role-1"),
        (f"arn:aws:events:us-east-1:{HUB}:event-bus/rootwarden", "rootwarden"),
        (f"arn:aws:sns:us-east-1:{HUB}:RootWardenHub-Topic-1:0f1e2d3c", "RootWardenHub-Topic-1"),
        (
            f"arn:aws:lambda:us-east-1:{HUB}:function:RootWardenHub-Function-1:live",
            "RootWardenHub-Function-1",
        ),
        # What Lambda calls a partial ARN, and a function's name with its alias.
        (f"{HUB}:function:RootWardenHub-Function-1:live", "RootWardenHub-Function-1"),
        ("RootWardenHub-Function-1:live", "RootWardenHub-Function-1"),
        # Strangers write anything.
        ("role", "role"),
        ("arn:short", "arn"),
        ("a:b:c:d:e:f", "a"),
    ],
)
def test_a_resources_own_name_is_read_from_whatever_names_it(text: str, name: str) -> None:
    assert own_name(text) == name


@pytest.mark.parametrize(
    ("service", "field", "name", "account", "owner"),
    [
        ("events", "name", "RootWardenOrganization-Rule-1", MANAGEMENT, ORGANIZATION),
        ("events", "name", "RootWardenForwarding-eu-west-1-Rule-1", MANAGEMENT, ORGANIZATION),
        ("cloudformation", "stackName", "RootWardenOrganization", MANAGEMENT, ORGANIZATION),
        ("cloudformation", "stackSetName", "rootwarden-forwarding", MANAGEMENT, ORGANIZATION),
        ("cloudformation", "stackName", "RootWardenHub", HUB, IN_HUB),
        ("iam", "roleName", "RootWardenHub-Role-1", HUB, IN_HUB),
        ("iam", "roleName", "rootwarden-operator", HUB, IN_HUB),
        ("events", "eventBusName", "rootwarden", HUB, IN_HUB),
        ("events", "name", RULE, MEMBER, IN_MEMBER),
        ("iam", "roleName", "stacksets-exec-0a1b", MEMBER, IN_MEMBER),
        ("sqs", "queueUrl", f"https://sqs.us-east-1.amazonaws.com/{MEMBER}/rootwarden-x", MEMBER, IN_MEMBER),
        ("sqs", "queueUrl", "rootwarden-x", MEMBER, IN_MEMBER),
        # Called like ours, where none of ours is.
        ("events", "name", "RootWardenOrganization-Rule-1", MEMBER, None),
        ("events", "eventBusName", "rootwarden", MEMBER, None),
        ("iam", "roleName", "rootwarden-operator", MEMBER, None),
        ("lambda", "functionName", "rootwarden-x", MEMBER, None),
        ("sns", "topicArn", f"arn:aws:sns:us-east-1:{HUB}:RootWardenLike", HUB, None),
    ],
)
def test_what_is_called_like_ours_is_ours_where_ours_is(
    service: str, field: str, name: str, account: str, owner: DeployedBy | None
) -> None:
    called = call(service, {field: name}, account)

    assert watched_resource(called, MANAGEMENT, HUB) == WatchedResource(own_name(name), owner)
    assert names_watched_resource(called)


@pytest.mark.parametrize(
    ("called_as", "owner"),
    [("DELEGATED_ADMIN", ORGANIZATION), ("SELF", None), (None, None)],
)
def test_a_stack_set_is_the_management_accounts_for_who_administers_it_from_a_member(
    called_as: str | None, owner: DeployedBy | None
) -> None:
    for name in ("rootwarden-forwarding", "rootwarden-forwarding-canary"):
        called = call("cloudformation", {"stackSetName": name, "callAs": called_as})

        assert whose(called) == WatchedResource(name, owner)
    # A stack stays where it is, whatever the call says besides.
    stack = call("cloudformation", {"stackName": "RootWardenOrganization", "callAs": called_as})
    assert whose(stack) == WatchedResource("RootWardenOrganization", None)


@pytest.mark.parametrize(
    ("service", "parameters"),
    [
        ("events", {"name": "other-team", "eventBusName": "rootwarden"}),
        ("iam", {"roleName": "Admin"}),
        ("sqs", {"queueUrl": f"https://sqs.us-east-1.amazonaws.com/{MEMBER}/orders"}),
        ("cloudformation", {"stackName": "orders"}),
        ("lambda", {"uUID": "0f1e2d3c"}),
        ("events", None),
        ("s3", {"bucketName": "rootwarden-x"}),
    ],
)
def test_others_resources_are_none_of_ours(service: str, parameters: dict[str, Any] | None) -> None:
    called = call(service, parameters)

    for prefix in ("", "test-"):
        assert whose(called, prefix) is None
        assert not names_watched_resource(called, prefix)


@pytest.mark.parametrize(
    ("name", "account", "owner"),
    [
        ("test-RootWardenHub-Rule-1", HUB, IN_HUB),
        ("StackSet-test-rootwarden-Rule-1", MEMBER, IN_MEMBER),
        # CloudFormation has cut the stack's name at 24 characters.
        ("test-RootWardenForwardin-Rule-1", MANAGEMENT, ORGANIZATION),
        ("test-RootWardenLike", HUB, None),
    ],
)
def test_a_second_deployments_resources_bear_its_prefix(
    name: str, account: str, owner: DeployedBy | None
) -> None:
    called = call("events", {"name": name}, account)

    assert whose(called, "test-") == WatchedResource(name, owner, "test-")
    assert names_watched_resource(called, "test-")
    assert not names_watched_resource(call("events", {"name": RULE}), "test-")


STACK_SET = {"stackSetName": "rootwarden-forwarding"}
BY_ADMINISTRATOR = {**STACK_SET, "callAs": "DELEGATED_ADMIN"}
DEFAULT_BUS = {"name": "default", "kmsKeyIdentifier": "a key"}
FUNCTION = {"functionArn": f"arn:aws:lambda:us-east-1:{HUB}:function:RootWardenHub-F-1"}
WORDS = [
    # call, prefix, activity, severity, reason
    (
        call("events", {"name": RULE}),
        "",
        ("watch_taken_down", "critical"),
        f"the watch's own {RULE} was taken down or switched off",
    ),
    (
        call("events", {"name": "RootWardenHub-Rule-1"}, HUB, **BY_CLOUDFORMATION),
        "",
        ("watch_taken_down", "critical"),
        "the watch's own RootWardenHub-Rule-1 was taken down or switched off, by a deployment",
    ),
    (
        call("events", {"name": RULE}, eventName="EnableRule"),
        "",
        ("watch_changed", "medium"),
        f"the watch's own {RULE} was switched on or put back",
    ),
    (
        call("cloudformation", STACK_SET, MANAGEMENT, eventName="CreateStackInstances"),
        "",
        ("watch_changed", "low"),
        "the watch's StackSet rootwarden-forwarding was switched on or put back",
    ),
    (
        call("cloudformation", STACK_SET, MANAGEMENT, eventName="UpdateStackSet", **BY_CLOUDFORMATION),
        "",
        ("watch_changed", "low"),
        "the watch's StackSet rootwarden-forwarding was changed by a deployment",
    ),
    # By the delegated administrator, in that account.
    (
        call("cloudformation", BY_ADMINISTRATOR, eventName="DeleteStackInstances"),
        "",
        ("watch_taken_down", "critical"),
        "the watch's StackSet rootwarden-forwarding was taken down or switched off",
    ),
    (
        call("cloudformation", BY_ADMINISTRATOR, eventName="UpdateStackSet"),
        "",
        ("watch_changed", "critical"),
        "the watch's StackSet rootwarden-forwarding was changed by hand",
    ),
    # Ours is deployed from the management account: from a member, CloudFormation deploys somebody else's.
    (
        call("cloudformation", BY_ADMINISTRATOR, MEMBER, eventName="UpdateStackSet", **BY_CLOUDFORMATION),
        "",
        ("watch_changed", "critical"),
        "the watch's StackSet rootwarden-forwarding was changed by hand",
    ),
    (
        call("cloudformation", {"stackSetName": "test-rootwarden-forwarding"}, MANAGEMENT),
        "test-",
        ("watch_taken_down", "critical"),
        "the watch's StackSet test-rootwarden-forwarding was taken down or switched off",
    ),
    (
        call("cloudformation", {"stackName": "RootWardenHub"}, HUB, eventName="UpdateStack"),
        "",
        ("watch_changed", "medium"),
        "the stack RootWardenHub is being deployed",
    ),
    (
        call("events", {"name": RULE}, eventName="PutRule"),
        "",
        ("watch_changed", "critical"),
        f"the watch's own {RULE} was changed by hand",
    ),
    # A source made or changed is not one switched off, whatever else the call says or leaves out.
    (
        call(
            "lambda", {"enabled": False}, HUB, eventName="CreateEventSourceMapping", responseElements=FUNCTION
        ),
        "",
        ("watch_changed", "critical"),
        "the watch's own RootWardenHub-F-1 was changed by hand",
    ),
    (
        call("lambda", None, HUB, eventName="UpdateEventSourceMapping20150331", responseElements=FUNCTION),
        "",
        ("watch_changed", "critical"),
        "the watch's own RootWardenHub-F-1 was changed by hand",
    ),
    (
        call("events", DEFAULT_BUS, eventName="UpdateEventBus", errorCode="AccessDenied"),
        "",
        ("watch_change_refused", "high"),
        "somebody called for a change of the account's event bus default, and AWS refused it (AccessDenied)",
    ),
    (
        call("events", {"name": RULE}, errorCode="AccessDenied"),
        "",
        ("watch_change_refused", "high"),
        f"somebody called for a change of the watch's own {RULE}, and AWS refused it (AccessDenied)",
    ),
]


@pytest.mark.parametrize(("called", "prefix", "judged", "reason"), WORDS, ids=[row[3] for row in WORDS])
def test_a_call_on_one_of_ours_is_said_as_what_it_did(
    called: CloudTrailRecord, prefix: str, judged: tuple[str, str], reason: str
) -> None:
    found = watch_change(called, MANAGEMENT, HUB, prefix)
    resource = whose(called, prefix)

    assert found is not None
    assert resource is not None
    assert replace(found, put_back=None) == Finding(
        activity=Activity(judged[0]),
        assessment=Assessment(Severity(judged[1]), reason),
        target=resource.name,
    )
    assert (found.put_back is not None) == (judged[1] == "critical")


@pytest.mark.parametrize(
    ("name", "changed", "reason"),
    [
        ("forwarding_role_policy_deleted", {"eventName": "TagRole"}, "labels change nothing of the watch"),
        (
            "forwarding_rule_updated_by_stack_sets",
            {},
            "StackSets' own role keeps the account's forwarding as the StackSet says",
        ),
        (
            "forwarding_queue_purged",
            {"eventName": "DeleteMessage", "eventCategory": "Data"},
            "what flows through the watch's own resources changes nothing of them",
        ),
        (
            "hub_bus_policy_changed",
            {"requestParameters": {"name": "RootWardenLike"}},
            "RootWardenLike is called like rootwarden's, but is not of this deployment",
        ),
    ],
)
def test_what_raises_no_alarm_says_why(name: str, changed: dict[str, Any], reason: str) -> None:
    found = watch_change(record(sample(name, **changed)), MANAGEMENT, HUB)

    assert found == Finding(activity=None, assessment=Assessment(Severity.INFO, reason))
