"""What came into being: what the templates say, each as its service describes it, joined as it must be."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from rootwarden.contract.settings import SETTINGS, AssessRootActivitySettings, QueueSettings
from tests.deploy.deployed_resources import DeployedResources
from tests.deploy.lifecycle import MANAGEMENT, STACKS, Lifecycle

pytestmark = pytest.mark.deploy

Template = Mapping[str, Any]
Properties = list[dict[str, Any]]
# By type: where it is found, and the properties whose values stand in the template as they are.
COMPARED = {
    "AWS::CloudWatch::Alarm": ("alarms", ("ComparisonOperator", "EvaluationPeriods", "Threshold")),
    "AWS::DynamoDB::Table": ("tables", ("AttributeDefinitions", "KeySchema")),
    "AWS::Events::EventBus": ("buses", ("Name",)),
    "AWS::Events::Rule": ("rules", ("EventPattern", "State")),
    "AWS::KMS::Key": ("keys", ()),
    "AWS::Lambda::EventSourceMapping": ("sources", ("BatchSize", "FunctionResponseTypes")),
    "AWS::Lambda::Function": ("functions", ("Handler", "Timeout")),
    "AWS::Lambda::LayerVersion": ("layers", ()),
    "AWS::Logs::LogGroup": ("log_groups", ("RetentionInDays",)),
    "AWS::SNS::Subscription": ("subscriptions", ("Endpoint", "Protocol")),
    "AWS::SNS::Topic": ("topics", ()),
    "AWS::SQS::Queue": ("queues", ("MessageRetentionPeriod", "VisibilityTimeout")),
}
# What a template does not say.
DEFAULTS = {
    "MessageRetentionPeriod": 4 * 24 * 3600,
    "State": "ENABLED",
    "Timeout": 3,
    "VisibilityTimeout": 30,
}
HUB_BUS = f"arn:aws:events:us-east-1:{MANAGEMENT}:event-bus/rootwarden"


@pytest.fixture
def hub(lifecycle: Lifecycle) -> DeployedResources:
    """The management account, which is the hub, in us-east-1."""
    return lifecycle.deployed.resources


def for_members(lifecycle: Lifecycle) -> Template:
    """Return the template of the StackSet."""
    [stack_set] = lifecycle.deployed.resources.stack_sets.values()
    template: Template = json.loads(stack_set["TemplateBody"])
    return template


def places(lifecycle: Lifecycle) -> Iterator[tuple[DeployedResources, list[Template]]]:
    """Yield what each place holds, with the templates that are deployed there."""
    *here, elsewhere = (lifecycle.templates[stack] for stack in STACKS)
    yield lifecycle.deployed.resources, here
    yield lifecycle.deployed.other_region, [elsewhere]
    yield lifecycle.member, [for_members(lifecycle)]


def properties(templates: Iterable[Template], kind: str) -> Properties:
    """Return the properties of a type's resources."""
    found = (each for template in templates for each in template["Resources"].values())
    return [each.get("Properties", {}) for each in found if each["Type"] == kind]


def compared(described: Iterable[Mapping[str, Any]], names: Iterable[str]) -> list[str]:
    """Return those properties of each, in an order that does not depend on names."""
    return sorted(json.dumps([_value(each, name) for name in names], sort_keys=True) for each in described)


def _value(described: Mapping[str, Any], name: str) -> object:
    # CloudWatch Logs writes names in another case, SQS numbers as texts, CloudWatch as fractions.
    value = described.get(name, described.get(f"{name[0].lower()}{name[1:]}", DEFAULTS.get(name)))
    return str(int(value)) if isinstance(value, int | float) else value


@pytest.mark.parametrize("kind", COMPARED)
def test_what_a_template_says_is_there_and_no_more(lifecycle: Lifecycle, kind: str) -> None:
    place, names = COMPARED[kind]
    for found, templates in places(lifecycle):
        said = properties(templates, kind)
        assert compared(getattr(found, place).values(), names) == compared(said, names)


def test_roles_may_what_the_templates_say_and_no_more(lifecycle: Lifecycle) -> None:
    accounts = (
        (lifecycle.deployed.resources.roles, lifecycle.templates.values()),
        (lifecycle.member.roles, [for_members(lifecycle)]),
    )
    for roles, templates in accounts:
        said, described = properties(templates, "AWS::IAM::Role"), roles.values()
        inline = [each for role in said for each in role.get("Policies", [])]
        statements = [
            statement
            for policy in (*inline, *properties(templates, "AWS::IAM::Policy"))
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        assert len(described) == len(said)
        assert _permissions(each for role in described for each in role["Statements"]) == _permissions(
            statements
        )
        managed = [each for role in said for each in role.get("ManagedPolicyArns", [])]
        assert sum(len(role["Attached"]) for role in described) == len(managed)


def _permissions(statements: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what is allowed, without the resources and values that CloudFormation fills in."""
    return compared(
        ({**each, "Condition": sorted(each.get("Condition", {}))} for each in statements),
        ("Sid", "Effect", "Action", "Condition"),
    )


def test_stack_set_covers_the_organization_and_accounts_yet_to_come(
    lifecycle: Lifecycle, hub: DeployedResources
) -> None:
    [stack_set] = hub.stack_sets.values()
    assert stack_set["PermissionModel"] == "SERVICE_MANAGED"
    assert stack_set["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}
    assert stack_set["OrganizationalUnitIds"] == [lifecycle.organization_root_id]
    assert stack_set["Regions"] == ["us-east-1", "eu-west-1"]


def test_every_rule_leads_to_what_is_there_and_tells_what_it_could_not_send(lifecycle: Lifecycle) -> None:
    for found, _ in places(lifecycle):
        for rule in found.rules.values():
            [target] = rule["Targets"]
            assert target["Arn"] in {HUB_BUS, *found.queues} or ":states:" in target["Arn"]
            assert target["DeadLetterConfig"]["Arn"] in found.queues


def test_every_function_reads_its_environment_and_works_off_its_queue(hub: DeployedResources) -> None:
    functions = _python(hub)
    assert set(functions) == set(SETTINGS)
    # A function is named by its alias for queues.
    fed = {(each["FunctionArn"].rpartition(":")[0], each["EventSourceArn"]) for each in hub.sources.values()}
    assert {queue for _, queue in fed} <= set(hub.queues)
    for name, function in functions.items():
        settings = SETTINGS[name].from_environment(function["Environment"]["Variables"])
        if isinstance(settings, QueueSettings):
            assert settings.state_table_name in hub.tables
            queue = settings.queue_url.rpartition("/")[2]
            assert (function["FunctionArn"], f"arn:aws:sqs:us-east-1:{MANAGEMENT}:{queue}") in fed


def _python(hub: DeployedResources) -> dict[str, dict[str, Any]]:
    """Return our own functions, by the module that handles."""
    found = [each for each in hub.functions.values() if each["Runtime"] == "python3.14"]
    return {each["Handler"].split(".")[-2]: each for each in found}


def test_sessions_of_the_deployed_roles_are_ours(hub: DeployedResources) -> None:
    functions = _python(hub)
    variables = functions["assess_root_activity"]["Environment"]["Variables"]
    own_roles = AssessRootActivitySettings.from_environment(variables).own_roles
    assert functions["audit_accounts"]["Role"] in own_roles
    tasks = ("IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials")
    assert own_roles[functions["harden_account"]["Role"]] == tasks
