"""The rules, targets, keys and topics events pass on their way, in the hub and where they begin."""

import json
from typing import Any

import pytest

from rootwarden.contract import event_patterns as patterns
from rootwarden.contract.pattern import EventAccount, EventPattern
from rootwarden.contract.watch_patterns import (
    WATCH,
    WATCH_FORWARDED,
    WATCH_IN_MANAGEMENT,
    WATCH_OF_ORGANIZATION,
)
from tests.deploy.deployed_resources import DeployedResources
from tests.deploy.lifecycle import EMAIL, MANAGEMENT, Lifecycle
from tests.deploy.test_functions import ASSESS, FORGET, HARDEN, NOTIFY, queue_of

pytestmark = pytest.mark.deploy

HUB_BUS = f"arn:aws:events:us-east-1:{MANAGEMENT}:event-bus/rootwarden"
ANYWHERE = patterns.root_activity(read_only_calls=False)
_PINNED = {
    EventAccount.ANY_ACCOUNT: None,
    EventAccount.MANAGEMENT_ACCOUNT: MANAGEMENT,
    EventAccount.HUB_ACCOUNT: MANAGEMENT,
}
SUBSCRIBED: dict[str, list[dict[str, Any]]] = {
    HARDEN: [
        each.document(account=MANAGEMENT)
        for each in (*patterns.ACCOUNT_JOINED, patterns.RECOVERY_WINDOW_CLOSED)
    ],
    FORGET: [each.document(account=MANAGEMENT) for each in patterns.ACCOUNT_LEFT],
    NOTIFY: [patterns.OUTCOMES.document(account=MANAGEMENT)],
    ASSESS: [
        *(each.document() for each in patterns.root_activity_in_hub(read_only_calls=False)),
        *(each.document(account=MANAGEMENT) for each in patterns.TAMPERING),
        *(each.document(account=_PINNED[each.origin]) for each in WATCH_FORWARDED),
        patterns.ROOT_SESSIONS_NOT_RECORDED.document(account=MANAGEMENT),
    ],
}
# Refused root sessions have a queue of their own; ORGANIZATION_DEPLOYED begins a sweep.
_ELSEWHERE = [patterns.ASSUME_ROOT_REFUSED.document(), patterns.ORGANIZATION_DEPLOYED.document()]


@pytest.fixture
def deployed(lifecycle: Lifecycle) -> DeployedResources:
    """The management account, which is the hub, in us-east-1."""
    return lifecycle.deployed.resources


def rules_on(deployed: DeployedResources, bus: str) -> list[dict[str, Any]]:
    """Return the rules of a bus."""
    return [rule for rule in deployed.rules.values() if rule["EventBusName"] == bus]


@pytest.mark.parametrize("module", SUBSCRIBED)
def test_events_reach_the_queue_of_their_function(deployed: DeployedResources, module: str) -> None:
    queue_arn = queue_of(deployed, module)["QueueArn"]
    leading = [
        rule["EventPattern"]
        for rule in rules_on(deployed, "rootwarden")
        if [target["Arn"] for target in rule["Targets"]] == [queue_arn]
    ]
    assert _sorted(leading) == _sorted(SUBSCRIBED[module])


def test_no_other_rule_listens_to_the_bus(deployed: DeployedResources) -> None:
    expected = sum(len(each) for each in SUBSCRIBED.values()) + len(_ELSEWHERE)
    assert len(rules_on(deployed, "rootwarden")) == expected


def test_management_account_forwards_the_organizations_events_and_its_own_root_activity(
    deployed: DeployedResources,
) -> None:
    of_organization = (*patterns.ACCOUNT_JOINED, *patterns.ACCOUNT_LEFT, *patterns.TAMPERING)
    watch = (*WATCH_IN_MANAGEMENT, *WATCH_OF_ORGANIZATION)
    _assert_forwards(deployed, (*of_organization, patterns.ORGANIZATION_DEPLOYED, *ANYWHERE, *watch))


def test_management_account_forwards_root_activity_of_other_regions(lifecycle: Lifecycle) -> None:
    _assert_forwards(lifecycle.deployed.other_region, (*ANYWHERE, *WATCH_IN_MANAGEMENT))


def test_member_accounts_forward_root_activity(lifecycle: Lifecycle) -> None:
    _assert_forwards(lifecycle.member, (*ANYWHERE, *WATCH))
    # The rules' role may send to the hub, and is all the member account gets.
    [role] = lifecycle.member.roles.values()
    assert [(each["Action"], each["Resource"]) for each in role["Statements"]] == [
        ("events:PutEvents", HUB_BUS)
    ]
    assert role["Attached"] == []


def test_stack_set_covers_the_organization_and_accounts_yet_to_come(lifecycle: Lifecycle) -> None:
    [stack_set] = lifecycle.deployed.resources.stack_sets.values()
    assert stack_set["PermissionModel"] == "SERVICE_MANAGED"
    assert stack_set["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}
    assert stack_set["OrganizationalUnitIds"] == [lifecycle.organization_root_id]
    assert stack_set["Regions"] == ["us-east-1", "eu-west-1"]


def test_rules_that_ask_for_it_see_read_only_calls(deployed: DeployedResources) -> None:
    [assume_root, *_] = [rule for rule in deployed.rules.values() if "AssumeRoot" in rule["Name"]]
    assert assume_root["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def test_every_rule_may_send_to_the_queues_it_names_and_no_other_service_may(
    deployed: DeployedResources,
) -> None:
    for rule in deployed.rules.values():
        [target] = rule["Targets"]
        for arn in {target["DeadLetterConfig"]["Arn"], target["Arn"]} & set(deployed.queues):
            assert rule["Arn"] in _senders(deployed.queues[arn])
    senders = {arn for queue in deployed.queues.values() for arn in _senders(queue)}
    assert senders == set(deployed.rules)


def test_every_dead_letter_queue_raises_an_alarm(deployed: DeployedResources) -> None:
    watched = {
        dimension["Value"]: alarm["AlarmActions"]
        for alarm in deployed.alarms.values()
        for dimension in alarm["Dimensions"]
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }
    working = {source["EventSourceArn"] for source in deployed.sources.values()}
    assert set(watched) == {arn.rpartition(":")[2] for arn in set(deployed.queues) - working}
    assert all(set(actions) <= set(deployed.topics) for actions in watched.values())


def test_every_topic_tells_the_configured_address(deployed: DeployedResources) -> None:
    told = {
        each["TopicArn"]: (each["Protocol"], each["Endpoint"]) for each in deployed.subscriptions.values()
    }
    assert told == dict.fromkeys(deployed.topics, ("email", EMAIL))


def test_one_key_encrypts_what_the_hub_keeps_and_admits_what_writes_to_it(
    deployed: DeployedResources,
) -> None:
    [key] = deployed.keys.values()
    assert key["Rotates"] is True
    hub_queues = [queue for arn, queue in deployed.queues.items() if "RootWardenHub" in arn]
    assert {queue["KmsMasterKeyId"] for queue in hub_queues} == {key["Arn"]}
    services = {statement["Principal"].get("Service") for statement in key["Policy"]["Statement"]}
    assert {"events.amazonaws.com", "cloudwatch.amazonaws.com"} <= services


def test_state_is_found_by_one_key_and_paid_by_request(deployed: DeployedResources) -> None:
    [table] = deployed.tables.values()
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def _assert_forwards(deployed: DeployedResources, expected: tuple[EventPattern, ...]) -> None:
    # The hub's watch on itself goes straight to a queue of its own.
    rules = [rule for rule in rules_on(deployed, "default") if not rule["Name"].startswith("RootWardenHub-")]
    assert _sorted([rule["EventPattern"] for rule in rules]) == _sorted(
        [each.document() for each in expected]
    )
    for rule in rules:
        [target] = rule["Targets"]
        assert target["Arn"] == HUB_BUS
        assert target["DeadLetterConfig"]["Arn"] in deployed.queues
        assert target["RoleArn"].startswith("arn:aws:iam::")


def _senders(queue: dict[str, Any]) -> set[str]:
    return {
        arn
        for statement in json.loads(queue["Policy"])["Statement"]
        if statement["Action"] == "sqs:SendMessage"
        for arn in statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    }


def _sorted(documents: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(document, sort_keys=True) for document in documents)
