"""A second deployment beside the first: nothing of the two has the same name, and each watches its own."""

import json
from collections.abc import Iterator

import pytest

from deploying.__main__ import policies_of
from deploying.assembly import read_stacks
from rootwarden.activity.watched_resources import DeployedBy
from rootwarden.contract.event_patterns import ORGANIZATION_DEPLOYED
from rootwarden.contract.names import with_prefix
from rootwarden.contract.pattern import API_CALL
from rootwarden.contract.pattern_matching import matches
from rootwarden.contract.watch_patterns import FORWARDING_TOUCHED, HUB_WATCH
from stacks.configuration.reading import ConfigurationError, read_configuration
from tests.templates.synthesized import CONFIGURATION, HUB, MANAGEMENT, Deployment, synthesized
from tests.unit.test_watched_resources import call, whose

_PREFIX = "second"
_MEMBER = "444455556666"
# Properties that give a resource a name of our own, by type.
_NAMED_BY = {
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": "ConfigurationName",
    "AWS::Chatbot::SlackChannelConfiguration": "ConfigurationName",
    "AWS::CloudFormation::StackSet": "StackSetName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Events::EventBus": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Organizations::Policy": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Document": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
# What people see, and what names another resource.
_NO_NAMES = frozenset({"DisplayName"})


@pytest.fixture(scope="module")
def second() -> Deployment:
    return synthesized(name_prefix=_PREFIX)


@pytest.mark.long
def test_no_name_of_two_deployments_is_the_same(deployed: Deployment, second: Deployment) -> None:
    assert set(second.templates) == {f"{_PREFIX}{name}" for name in deployed.templates}
    named = {kind for kind, *_ in _names(deployed)}
    assert named == set(_NAMED_BY)
    assert not {(kind, name) for kind, name in _names(deployed)} & {
        (kind, name) for kind, name in _names(second)
    }


def test_every_pattern_is_within_eventbridges_limit_with_the_longest_prefix(second: Deployment) -> None:
    for template in second:
        for rule in template.properties("AWS::Events::Rule"):
            # CloudFormation hands it on without spaces.
            pattern = json.dumps(rule["EventPattern"], separators=(",", ":"))
            # What EventBridge takes without a raised quota, which would be 4,096.
            assert len(pattern) < 2048, rule["Description"]


def test_every_property_that_names_a_resource_is_known_here(second: Deployment) -> None:
    """A name of ours that is new to this test would collide unseen."""
    for template in second:
        for resource in template.body["Resources"].values():
            named = {
                key: value
                for key, value in resource.get("Properties", {}).items()
                if key.endswith("Name")
                and key not in _NO_NAMES
                and isinstance(value, str)
                and "rootwarden" in value.lower()
            }
            assert set(named) <= {_NAMED_BY.get(resource["Type"])}, resource["Type"]


@pytest.mark.long
def test_metrics_alarms_and_dashboard_are_of_the_second_alone(second: Deployment) -> None:
    namespaces = {
        found["MetricStat"]["Metric"]["Namespace"] if "MetricStat" in found else found.get("Namespace")
        for alarm in second.hub.properties("AWS::CloudWatch::Alarm")
        for found in alarm.get("Metrics", [alarm])
    }
    assert f"{_PREFIX}rootwarden" in namespaces
    assert "rootwarden" not in namespaces
    [dashboard] = second.hub.properties("AWS::CloudWatch::Dashboard")
    assert '"rootwarden"' not in json.dumps(dashboard["DashboardBody"]).replace("\\", "")


def test_functions_that_look_at_names_know_the_prefix(second: Deployment) -> None:
    for handler in ("assess_root_activity", "notify", "write_report"):
        variables = second.hub.function(f"lambdas.{handler}.handler")["Environment"]["Variables"]
        assert variables["NAME_PREFIX"] == _PREFIX


def test_policies_to_deploy_with_are_of_the_second_alone(second: Deployment) -> None:
    for policies in policies_of(read_stacks(second.directory)).values():
        assert all(name.startswith(f"{_PREFIX}rootwarden-") for name in policies)
        bounded = json.dumps(policies)
        assert ":event-bus/rootwarden" not in bounded
        assert ":stackset/rootwarden" not in bounded


@pytest.mark.parametrize(
    ("source", "field", "name", "owner"),
    [
        ("iam", "roleName", "{}RootWardenOrganization-ForwardingRole8D85E37F-AbC", DeployedBy.ORGANIZATION),
        ("events", "name", "{}RootWardenForwarding-eu-west-1-Rule-AbC", DeployedBy.ORGANIZATION),
        ("iam", "roleName", "{}RootWardenHub-HardenAccountRole-AbC", DeployedBy.HUB),
        ("iam", "roleName", "{}rootwarden-collect-undelivered", DeployedBy.HUB),
        ("events", "name", "StackSet-{}rootwarden-forwarding-1a2b-Rule-AbC", DeployedBy.STACK_INSTANCE),
        (
            "sqs",
            "queueUrl",
            "https://sqs.us-east-1.amazonaws.com/444455556666/{}rootwarden-undelivered",
            DeployedBy.STACK_INSTANCE,
        ),
        ("cloudformation", "stackSetName", "{}rootwarden-forwarding", DeployedBy.ORGANIZATION),
        ("events", "eventBusName", "{}rootwarden", DeployedBy.HUB),
    ],
)
def test_each_deployment_watches_its_own_resources_and_not_the_others(
    source: str, field: str, name: str, owner: DeployedBy
) -> None:
    account = {DeployedBy.ORGANIZATION: MANAGEMENT, DeployedBy.HUB: HUB}.get(owner, _MEMBER)
    changed = {"eventName": "PutPermission"} if field == "eventBusName" else {}
    for prefix, other in (("", _PREFIX), (_PREFIX, "")):
        # CloudFormation cuts the stack's name where it makes a name of at most 64 characters.
        called = _cut(name.format(prefix))
        record = call(source, {field: called}, account, **changed)
        for told, expected in ((prefix, owner), (other, None)):
            found = whose(record, told)
            assert (found.owner if found else None) is expected, (called, told)
            # What the functions judge is what the rules send them.
            event = {"source": f"aws.{source}", "detail-type": API_CALL, "detail": record.detail.value}
            sent = any(
                matches(with_prefix(pattern, told).document(), event)
                for pattern in (FORWARDING_TOUCHED, *HUB_WATCH)
            )
            assert sent is (expected is not None), (called, told)


def test_a_sweep_begins_with_the_stack_of_its_own_deployment() -> None:
    [pattern] = with_prefix(ORGANIZATION_DEPLOYED, _PREFIX).document()["detail"]["stack-id"]
    assert pattern == {"wildcard": f"arn:*:stack/{_PREFIX}RootWardenOrganization/*"}


@pytest.mark.parametrize("value", ["secondx", "2nd-", "a_b", "-a"])
def test_prefix_that_makes_no_name_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({"rootwarden": {**CONFIGURATION, "name_prefix": value}})
    assert [mistake.key for mistake in refused.value.mistakes] == ["name_prefix"]


def _names(deployment: Deployment) -> Iterator[tuple[str, str]]:
    for template in deployment:
        for resource in template.body["Resources"].values():
            name = resource.get("Properties", {}).get(_NAMED_BY.get(resource["Type"], ""))
            if isinstance(name, str):
                yield resource["Type"], name


def _cut(name: str) -> str:
    stack, dash, rest = name.partition("-ForwardingRole")
    return f"{stack[:24]}{dash}{rest}" if dash else name
