"""Steps before a takeover, ways out and the watch itself touched → an alert, through the deployed rules."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.aws import LocalAws
from rootwarden.activity.root_activity import Finding
from rootwarden.activity.watch import Watch
from tests.accounts import HUB, MANAGEMENT, MEMBER
from tests.unit.sample_events import record
from tests.unit.test_watch import WATCH
from tests.wiring.sample_events import sample
from tests.wiring.test_event_patterns import _queues_holding_messages

Happen = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("name", "activity", "severity", "account"),
    [
        ("start_primary_email_update", "root_email_update_started", "high", MEMBER),
        ("put_contact_information", "contact_touched", "medium", MEMBER),
        ("sign_in_anomaly", "sign_in_anomaly", "high", MEMBER),
        ("leave_organization_by_root", "left_organization", "critical", MEMBER),
        ("member_accepts_foreign_invitation", "account_leaving", "critical", MEMBER),
        ("forwarding_rule_deleted", "watch_taken_down", "critical", MEMBER),
        ("default_bus_given_a_key", "watch_changed", "critical", MEMBER),
        ("hub_bus_policy_changed", "watch_taken_down", "critical", HUB),
        ("disable_stack_sets_access", "watch_taken_down", "critical", MANAGEMENT),
        ("disable_cloudtrail_access", "watch_taken_down", "critical", MANAGEMENT),
        ("detach_deny_root_policy", "watch_taken_down", "critical", MANAGEMENT),
    ],
)
def test_what_any_rule_takes_alerts(
    aws: LocalAws, happen: Happen, name: str, activity: str, severity: str, account: str
) -> None:
    [outcome] = happen(sample(name, region="us-east-1"))

    detail = outcome["detail"]
    assert (detail["activity"], detail["severity"]) == (activity, severity)
    assert detail["account"]["id"] == account
    assert (detail["putBack"] is not None) == activity.startswith("watch_")
    assert [message.channel for message in aws.messages] == ["email", "chat", "slack"]
    assert aws.dead_letters == []


@pytest.mark.long
def test_every_resource_is_watched_by_the_name_it_was_given(aws: LocalAws) -> None:
    for finding in findings_of_deletions(aws, WATCH):
        assert finding.put_back


def findings_of_deletions(aws: LocalAws, watch: Watch, prefix: str = "") -> list[Finding]:
    """Delete everything that watches; return what is said of each, once it has arrived."""
    events = [event for account in (MEMBER, MANAGEMENT, HUB) for event in deletions(aws, account)]
    for event in events:
        aws.deliver(event)
    assert len(events) > 60
    assert {event["detail"]["eventID"] for event in events} - set(arrived(aws, prefix)) == set()
    findings = [finding for event in events if (finding := watch.finding(record(event)))]
    assert [finding.activity for finding in findings] == ["watch_taken_down"] * len(events)
    return findings


def arrived(aws: LocalAws, prefix: str = "") -> Iterator[str]:
    sqs = aws.client("sqs", account=HUB)
    begins = f"{prefix}RootWardenHub-RootActivityAssessRootActivityQueue"
    [url] = sqs.list_queues(QueueNamePrefix=begins)["QueueUrls"]
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        yield from (json.loads(message["Body"])["detail"]["eventID"] for message in messages)


def deletions(aws: LocalAws, account: str) -> Iterator[dict[str, Any]]:
    events, sqs, functions = (aws.client(name, account=account) for name in ("events", "sqs", "lambda"))
    for bus in events.list_event_buses()["EventBuses"]:
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]:
            yield _call(account, "events", "DeleteRule", name=rule["Name"], eventBusName=bus["Name"])
    for role in aws.client("iam", account=account).list_roles()["Roles"]:
        if role["RoleName"] == "OrganizationAccountAccessRole":
            continue
        yield _call(account, "iam", "DeleteRole", roleName=role["RoleName"])
    for url in sqs.list_queues().get("QueueUrls", []):
        yield _call(account, "sqs", "DeleteQueue", queueUrl=url)
    # The management account's one function makes the enabling calls, and watches nothing.
    for function in functions.list_functions()["Functions"] if account == HUB else []:
        yield _call(account, "lambda", "DeleteFunction20150331", functionName=function["FunctionArn"])


def _call(account: str, service: str, operation: str, /, **parameters: str) -> dict[str, Any]:
    event = sample("forwarding_rule_deleted", account=account, source=f"aws.{service}")
    changed = {
        "eventName": operation,
        "eventSource": f"{service}.amazonaws.com",
        "requestParameters": parameters,
    }
    event["detail"] |= changed | {"eventID": "#".join(parameters.values())}
    return event


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("detach_deny_root_policy", {"policyId": "p-another01", "targetId": "ou-ab12-11111111"}),
        ("stack_instance_deleted", {"stackName": "StackSet-backup-copies-0f1e2d3c"}),
    ],
)
def test_what_others_own_reaches_nothing(aws: LocalAws, name: str, parameters: dict[str, str]) -> None:
    event = sample(name)
    event["detail"]["requestParameters"] = parameters

    aws.deliver(event)

    assert _queues_holding_messages() == {}


def test_creating_and_subscribing_reaches_nothing(aws: LocalAws) -> None:
    topic = f"arn:aws:sns:us-east-1:{HUB}:RootWardenHub-Alerts91F83244-1ABCDEFGHIJKL"
    aws.deliver(_call(HUB, "sns", "ConfirmSubscription", topicArn=topic))
    aws.deliver(_call(HUB, "sns", "CreateTopic", name="RootWardenHub-Alerts91F83244-1ABCDEFGHIJKL"))

    assert _queues_holding_messages() == {}


def test_root_of_the_hub_is_seen_by_two_ways_and_reported_once(aws: LocalAws, happen: Happen) -> None:
    event = sample("hub_bus_policy_changed")
    event["detail"]["userIdentity"] = {"type": "Root", "arn": f"arn:aws:iam::{HUB}:root", "accountId": HUB}

    [outcome] = happen(event)

    assert (outcome["detail"]["activity"], outcome["detail"]["severity"]) == ("watch_taken_down", "critical")
    assert [line["reason"] for line in aws.logs if line["message"] == "message skipped"] == ["duplicate"]
    assert aws.dead_letters == []


def test_what_flows_through_the_hubs_own_queue_reaches_nothing(aws: LocalAws) -> None:
    """Each record of a message in it would be one more message, without an end."""
    [url] = aws.client("sqs", account=HUB).list_queues(
        QueueNamePrefix="RootWardenHub-RootActivityAssessRootActivityQueue"
    )["QueueUrls"]
    for name in ("ReceiveMessage", "DeleteMessageBatch"):
        event = _call(HUB, "sqs", name, queueUrl=url)
        event["detail"] |= {"eventCategory": "Data", "managementEvent": False}
        aws.deliver(event)

    assert _queues_holding_messages() == {}


@pytest.mark.parametrize("name", ["forwarding_rule_updated_by_stack_sets", "sign_in_anomaly_iam_user"])
def test_what_stack_sets_does_and_who_is_not_root_is_silent(aws: LocalAws, happen: Happen, name: str) -> None:
    assert happen(sample(name)) == []
    assert aws.dead_letters == []
    assert [line["verdict"] for line in aws.logs if "verdict" in line] == ["nothing_to_alert"]
