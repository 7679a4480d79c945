"""The functions that came into being: their code, queues, settings and permissions."""

import json
from typing import Any

import pytest

from rootwarden.contract.functions import Caller
from rootwarden.contract.settings import SETTINGS, AssessRootActivitySettings, QueueSettings
from tests.deploy.deployed_resources import DeployedResources
from tests.deploy.lifecycle import MANAGEMENT, Lifecycle

pytestmark = pytest.mark.deploy

HARDEN = "lambdas.harden_account"
ASSESS = "lambdas.assess_root_activity"
NOTIFY = "lambdas.notify"
FORGET = "lambdas.forget_account"
MODULES = (HARDEN, ASSESS, NOTIFY, FORGET)
AUDIT = "lambdas.audit_accounts"


@pytest.fixture
def deployed(lifecycle: Lifecycle) -> DeployedResources:
    """The hub's account and Region after the first deployment."""
    return lifecycle.deployed.resources


def function_of(deployed: DeployedResources, module: str) -> dict[str, Any]:
    """Return the one function that runs a handler module."""
    [function] = [each for each in deployed.functions.values() if each["Handler"] == f"{module}.handler"]
    return function


def queue_of(deployed: DeployedResources, module: str) -> dict[str, Any]:
    """Return the queue that a handler module's function works off, the main one where it has two."""
    return deployed.queues[source_of(deployed, module)["EventSourceArn"]]


def source_of(deployed: DeployedResources, module: str) -> dict[str, Any]:
    """Return the event source mapping of that queue; it names the function by its alias for queues."""
    function = function_of(deployed, module)
    invoked = f"{function['FunctionArn']}:{Caller.QUEUE}"
    name = function["Environment"]["Variables"]["QUEUE_URL"].rpartition("/")[2]
    [source] = [
        each
        for each in deployed.sources.values()
        if each["FunctionArn"] == invoked and each["EventSourceArn"].endswith(f":{name}")
    ]
    return source


def statements_of(deployed: DeployedResources, module: str) -> list[dict[str, Any]]:
    """Return what the role of a handler module's function allows."""
    role = deployed.roles[function_of(deployed, module)["Role"]]
    assert role["Attached"] == []
    statements: list[dict[str, Any]] = role["Statements"]
    return statements


def test_functions_of_ours_and_the_one_that_enables(deployed: DeployedResources) -> None:
    python = {each["Handler"] for each in deployed.functions.values() if each["Runtime"] == "python3.14"}
    assert python == {f"lambdas.{name}.handler" for name in SETTINGS}
    [enabling] = [each for each in deployed.functions.values() if each["Runtime"] != "python3.14"]
    assert enabling["Runtime"].startswith("nodejs")
    assert enabling["Handler"] == "index.handler"


@pytest.mark.parametrize("module", MODULES)
def test_function_runs_with_the_layer_and_its_own_log_group(deployed: DeployedResources, module: str) -> None:
    function = function_of(deployed, module)
    [layer] = deployed.layers.values()
    assert [each["Arn"] for each in function["Layers"]] == [layer["LatestMatchingVersion"]["LayerVersionArn"]]
    assert function["Architectures"] == ["arm64"]
    assert function["MemorySize"] == 256
    assert deployed.log_groups[function["LoggingConfig"]["LogGroup"]]["retentionInDays"] == 365


@pytest.mark.parametrize("module", MODULES)
def test_handler_can_read_its_deployed_environment(deployed: DeployedResources, module: str) -> None:
    variables = function_of(deployed, module)["Environment"]["Variables"]
    settings = SETTINGS[module.rpartition(".")[2]].from_environment(variables)
    assert variables["POWERTOOLS_SERVICE_NAME"] == module.rpartition(".")[2]
    assert isinstance(settings, QueueSettings)
    assert settings.state_table_name in deployed.tables
    queue_name = queue_of(deployed, module)["QueueArn"].rpartition(":")[2]
    assert settings.queue_url.endswith(f"/{MANAGEMENT}/{queue_name}")


def test_sessions_of_the_deployed_hardening_role_are_ours(deployed: DeployedResources) -> None:
    variables = function_of(deployed, ASSESS)["Environment"]["Variables"]
    settings = AssessRootActivitySettings.from_environment(variables)
    roles = {function_of(deployed, module)["Role"] for module in (HARDEN, AUDIT)}
    assert roles <= set(settings.own_roles)
    own = settings.own_roles[function_of(deployed, HARDEN)["Role"]]
    assert own == ("IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials")


@pytest.mark.parametrize(
    ("module", "timeout", "batch", "tries"),
    [(HARDEN, 120, 1, 8), (ASSESS, 30, 5, 5), (NOTIFY, 60, 1, 6), (FORGET, 60, 5, 5)],
)
def test_queue_feeds_its_function_and_gives_up_into_its_own_dead_letter_queue(
    deployed: DeployedResources, module: str, timeout: int, batch: int, tries: int
) -> None:
    function, queue = function_of(deployed, module), queue_of(deployed, module)
    source = source_of(deployed, module)
    redrive = json.loads(queue["RedrivePolicy"])
    assert function["Timeout"] == timeout
    assert queue["VisibilityTimeout"] == str(6 * timeout)
    assert source["State"] == "Enabled"
    assert source["BatchSize"] == batch
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert redrive["maxReceiveCount"] == tries
    assert deployed.queues[redrive["deadLetterTargetArn"]]["MessageRetentionPeriod"] == str(14 * 24 * 3600)
    sharing = [each for each in deployed.queues.values() if redrive["deadLetterTargetArn"] in str(each)]
    assert len(sharing) == 2


@pytest.mark.parametrize("module", MODULES)
def test_role_allows_what_the_template_says_and_nothing_else(
    deployed: DeployedResources, lifecycle: Lifecycle, module: str
) -> None:
    """What the template may say is held by the tests of the templates."""
    role = deployed.roles[function_of(deployed, module)["Role"]]
    [role_id] = [tag["Value"] for tag in role["Tags"] if tag["Key"] == "aws:cloudformation:logical-id"]
    said = [
        statement
        for resource in lifecycle.templates["RootWardenHub"]["Resources"].values()
        if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role_id} in resource["Properties"]["Roles"]
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert said
    assert _permissions(statements_of(deployed, module)) == _permissions(said)


@pytest.mark.parametrize("module", MODULES)
def test_role_reaches_only_what_was_deployed_with_it(deployed: DeployedResources, module: str) -> None:
    """What exists outside the deployment is the organization's: its accounts and their units."""
    own = {
        *deployed.queues,
        *deployed.keys,
        *deployed.topics,
        *(table["TableArn"] for table in deployed.tables.values()),
        *(bus["Arn"] for bus in deployed.buses.values()),
        *(group["arn"] for group in deployed.log_groups.values()),
    }
    for statement in statements_of(deployed, module):
        if statement["Sid"] not in {"DescribeAccounts", "ReadTags", "NameUnits", "RootSessions"}:
            assert set(_listed(statement["Resource"])) <= own


def test_only_hardening_may_begin_root_sessions_and_only_for_its_two_tasks(
    deployed: DeployedResources, lifecycle: Lifecycle
) -> None:
    [sessions] = [each for each in statements_of(deployed, HARDEN) if each["Action"] == "sts:AssumeRoot"]
    assert sessions["Resource"] == "arn:aws:iam::*:root"
    assert sessions["Condition"] == {
        "StringEquals": {
            "sts:TaskPolicyArn": [
                "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
                "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
            ]
        }
    }
    [accounts] = [each for each in statements_of(deployed, HARDEN) if each["Sid"] == "DescribeAccounts"]
    organization = f"{MANAGEMENT}:account/{lifecycle.organization_id}/*"
    assert accounts["Resource"] == f"arn:aws:organizations::{organization}"


def _permissions(statements: list[dict[str, Any]]) -> list[tuple[str, str, list[str], object]]:
    return [
        (each["Sid"], each["Effect"], _listed(each["Action"]), each.get("Condition", {}).keys())
        for each in statements
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
