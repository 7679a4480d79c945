"""Which calls on the watch's own resources the rules take, by whatever name, and which they leave."""

from typing import Any

import pytest

from rootwarden.contract.event_patterns import ROOT_API_CALL, TAMPERING
from rootwarden.contract.names import with_prefix
from rootwarden.contract.pattern import EventPattern
from rootwarden.contract.pattern_matching import matches
from rootwarden.contract.watch_patterns import (
    FORWARDING_TOUCHED,
    HUB_TOUCHED,
    HUB_WATCH,
    PROTECTING_POLICY,
    TAKEOVER_STEP,
    WATCH_OF_ORGANIZATION,
)
from tests.unit.given import HUB, MEMBER
from tests.unit.sample_events import sample

WATCHING = (TAKEOVER_STEP, FORWARDING_TOUCHED, *HUB_WATCH, *WATCH_OF_ORGANIZATION, PROTECTING_POLICY)
ROOT = {"type": "Root", "arn": f"arn:aws:iam::{HUB}:root"}


def call(service: str, name: str, parameters: dict[str, Any], **changed: object) -> dict[str, Any]:
    event = sample("forwarding_rule_deleted", eventName=name, requestParameters=parameters, **changed)
    return event | {"source": f"aws.{service}"}


def takes(pattern: EventPattern, event: dict[str, Any], prefix: str = "") -> bool:
    return matches(with_prefix(pattern, prefix).document(), event)


@pytest.mark.parametrize("prefix", ["", "second"])
@pytest.mark.parametrize(
    ("pattern", "account", "queue"),
    [
        (FORWARDING_TOUCHED, MEMBER, "{}rootwarden-undelivered"),
        (HUB_TOUCHED, HUB, "{}RootWardenHub-HardeningHardenAccountQueue-1ABCDEFGHIJKL"),
    ],
)
def test_a_queue_is_watched_by_its_address_and_by_its_bare_name(
    pattern: EventPattern, account: str, queue: str, prefix: str
) -> None:
    name = queue.format(prefix)
    for address in (name, f"{account}/{name}", f"https://sqs.us-east-1.amazonaws.com/{account}/{name}"):
        asked = {"queueUrl": address}

        assert takes(pattern, call("sqs", "PurgeQueue", asked), prefix)
        assert not takes(pattern, call("sqs", "TagQueue", asked), prefix)


@pytest.mark.parametrize("queue", ["orders", f"https://sqs.x/{MEMBER}/a-rootwarden-x", "a-RootWardenHub-x"])
def test_others_queues_are_left(queue: str) -> None:
    for pattern in (FORWARDING_TOUCHED, HUB_TOUCHED):
        assert not takes(pattern, call("sqs", "PurgeQueue", {"queueUrl": queue}))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("disable_stack_sets_access", {"servicePrincipal": "ram.amazonaws.com"}),
        ("deregister_stack_sets_administrator", {"servicePrincipal": "config.amazonaws.com"}),
        ("deregister_stack_sets_administrator", {"servicePrincipal": "cloudtrail.amazonaws.com"}),
        ("stack_instance_deleted", {"stackName": "StackSet-backup-copies-0f1e2d3c"}),
        ("forwarding_role_policy_deleted", {"roleName": "Admin", "policyName": "RootWardenHub-x"}),
        ("hub_bus_policy_changed", {"eventBusName": "default"}),
    ],
)
def test_what_others_own_is_left(name: str, parameters: dict[str, str]) -> None:
    event = sample(name, requestParameters=parameters)

    assert [pattern.name for pattern in (*TAMPERING, *WATCHING) if takes(pattern, event)] == []


@pytest.mark.parametrize("prefix", ["", "second"])
@pytest.mark.parametrize(
    "name",
    [
        "StackSet-{}rootwarden-forw-ForwardingRole-1",
        "{}RootWardenOrganizat",
        "{}RootWardenForwarding-eu-west-1-Role-1",
        "{}RootWardenHub-OpenRecovery-1",
        "{}rootwarden-operator",
        "stacksets-exec-0a1b2c3d",
    ],
)
def test_a_role_is_watched_in_any_case_since_iam_tells_none_apart(name: str, prefix: str) -> None:
    written = name.format(prefix)
    for spelled in (written, written.upper(), written.lower()):
        assert takes(FORWARDING_TOUCHED, call("iam", "DeleteRolePolicy", {"roleName": spelled}), prefix)


@pytest.mark.parametrize(
    "parameters", [{"name": "default"}, {"name": f"arn:aws:events:us-east-1:{MEMBER}:event-bus/default"}, {}]
)
def test_the_bus_that_the_rules_are_on_is_watched(parameters: dict[str, str]) -> None:
    for pattern in (FORWARDING_TOUCHED, HUB_TOUCHED):
        for prefix in ("", "second"):
            assert takes(pattern, call("events", "UpdateEventBus", parameters), prefix)


@pytest.mark.parametrize(
    ("name", "bus"),
    # AWS deletes the default bus for nobody.
    [("UpdateEventBus", "orders"), ("PutRule", "default"), ("DeleteEventBus", "default")],
)
def test_others_buses_and_a_rule_of_that_name_are_left(name: str, bus: str) -> None:
    for pattern in (FORWARDING_TOUCHED, HUB_TOUCHED):
        assert not takes(pattern, call("events", name, {"name": bus}))


@pytest.mark.parametrize("name", ["root_federated_session_call", "root_trail_stopped"])
@pytest.mark.parametrize("invoked_by", ["signin.amazonaws.com", "AWS Internal"])
def test_what_a_person_does_in_the_console_is_roots_also_in_a_session_of_a_root_key(
    name: str, invoked_by: str
) -> None:
    by_session, by_flag, by_nothing = (sample(name) for _ in range(3))
    for event in (by_session, by_flag, by_nothing):
        event["detail"]["userIdentity"]["invokedBy"] = invoked_by
    for event in (by_flag, by_nothing):
        event["detail"].pop("sessionCredentialFromConsole", None)
        del event["detail"]["userIdentity"]["sessionContext"]["attributes"]
    by_flag["detail"]["sessionCredentialFromConsole"] = "true"

    assert [takes(ROOT_API_CALL, event) for event in (by_session, by_flag, by_nothing)] == [True, True, False]


QUEUES = ("rootwarden-undelivered", "RootWardenHub-Queue-1")
IN_HUB = f"us-east-1:{HUB}"
DATA = [
    *(
        ("sqs", name, {"queueUrl": f"https://sqs.us-east-1.amazonaws.com/{HUB}/{queue}"})
        for queue in QUEUES
        for name in ("SendMessage", "ReceiveMessage", "DeleteMessageBatch", "GetQueueAttributes")
    ),
    ("lambda", "Invoke", {"functionName": f"arn:aws:lambda:{IN_HUB}:function:RootWardenHub-F-1:queue"}),
    ("events", "PutEvents", {"entries": [{"eventBusName": "rootwarden", "source": "rootwarden"}]}),
    ("sns", "Publish", {"topicArn": f"arn:aws:sns:{IN_HUB}:RootWardenHub-Alerts-1"}),
    ("dynamodb", "DeleteItem", {"tableName": "RootWardenHub-State-1"}),
    ("s3", "DeleteObject", {"bucketName": "rootwardenhub-evidence-1", "key": "reports/latest.json"}),
]


@pytest.mark.parametrize(("service", "name", "parameters"), DATA)
def test_what_flows_through_the_watch_is_left_where_a_trail_logs_data_events(
    service: str, name: str, parameters: dict[str, Any]
) -> None:
    event = call(service, name, parameters, eventCategory="Data", managementEvent=False)

    assert [pattern.name for pattern in WATCHING if takes(pattern, event)] == []


def test_a_record_that_does_not_say_what_it_is_counts_as_a_change() -> None:
    event = call("sqs", "PurgeQueue", {"queueUrl": QUEUES[0]})
    del event["detail"]["eventCategory"], event["detail"]["managementEvent"]

    assert takes(FORWARDING_TOUCHED, event)


def test_root_itself_is_taken_by_the_hubs_own_watch_which_needs_nothing_that_it_may_cut() -> None:
    by_root = {"userIdentity": ROOT}

    assert takes(HUB_TOUCHED, call("events", "DeleteEventBus", {"name": "rootwarden"}, **by_root))
    # Elsewhere RootApiCall takes what root does, on the same way.
    assert not takes(FORWARDING_TOUCHED, call("sqs", "PurgeQueue", {"queueUrl": QUEUES[0]}, **by_root))


def test_a_topic_that_is_told_to_drop_or_mask_messages_is_seen() -> None:
    topic = {"resourceArn": f"arn:aws:sns:{IN_HUB}:RootWardenHub-Alerts-1"}
    orders = {"resourceArn": f"arn:aws:sns:{IN_HUB}:orders"}

    assert takes(HUB_TOUCHED, call("sns", "PutDataProtectionPolicy", topic))
    assert not takes(HUB_TOUCHED, call("sns", "PutDataProtectionPolicy", orders))
    assert not takes(HUB_TOUCHED, call("sns", "TagResource", topic))
