"""Automations in the embedded AWS: they wait for people, and act as their own role, or not at all."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.cloudformation.resource import TemplateError
from embedded_aws.environment import EmbeddedAws
from embedded_aws.ssm.automation_documents import check_document
from tests.embedded_aws.templates import HUB, Stack, allow, att, function, role

Deploy = Callable[..., EmbeddedAws]
ROLE = f"arn:aws:iam::{HUB}:role/{{}}"
OPERATORS, APPROVERS, ADMINS = (ROLE.format(name) for name in ("Operators", "Approvers", "Admins"))
HANDLER = """
def handler(event, context):
    if event["reason"] == "crash":
        raise ValueError("no good")
    return event
"""
DOCUMENT: dict[str, Any] = {
    "schemaVersion": "0.3",
    "description": "asks people, then acts",
    "assumeRole": "a role",
    "parameters": {
        "account": {"type": "String", "allowedPattern": "^[0-9]{12}$"},
        "reason": {"type": "String", "default": "none given"},
        "action": {"type": "String", "default": "delete", "allowedValues": ["delete", "restore"]},
    },
    "mainSteps": [
        {
            "name": "Approve",
            "action": "aws:approve",
            "timeoutSeconds": 3600,
            "onFailure": "Abort",
            "inputs": {
                "NotificationArn": "arn:aws:sns:us-east-1:222233334444:Automation-approvals",
                "Message": "Open {{ account }}? {{ reason }}",
                "MinRequiredApprovals": 1,
                "Approvers": [APPROVERS, f"arn:aws:sts::{HUB}:assumed-role/Admins/ada"],
            },
        },
        {
            "name": "Act",
            "action": "aws:invokeLambdaFunction",
            "isEnd": True,
            "inputs": {
                "FunctionName": "a function",
                "InputPayload": {
                    "account": "{{ account }}",
                    "reason": "{{ reason }}",
                    "execution": "{{automation:EXECUTION_ID}}",
                },
            },
        },
    ],
    "outputs": ["Act.Payload"],
}
ACCOUNT = {"account": ["444455556666"]}


@pytest.fixture(autouse=True)
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "automated_function.py").write_text(HANDLER)
    monkeypatch.syspath_prepend(str(tmp_path))


def stack(*statements: Any, trusted: str = "ssm.amazonaws.com", minimum: int = 1) -> Stack:
    content = deepcopy(DOCUMENT)
    content["assumeRole"] = att("AutomationRole")
    approve, act = (step["inputs"] for step in content["mainSteps"])
    approve |= {"NotificationArn": {"Ref": "Topic"}, "MinRequiredApprovals": minimum}
    act["FunctionName"] = {"Ref": "Function"}
    return Stack(
        resources={
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Properties": {
                    "TopicName": "Automation-approvals",
                    "Subscription": [{"Protocol": "email", "Endpoint": "approvers@example.com"}],
                },
            },
            "AutomationRole": role(trusted, *statements),
            "FunctionRole": role("lambda.amazonaws.com"),
            "Function": function("automated_function.handler", "FunctionRole"),
            "Document": {
                "Type": "AWS::SSM::Document",
                "Properties": {
                    "Name": "ask-first",
                    "DocumentType": "Automation",
                    "DocumentFormat": "JSON",
                    "Content": content,
                    "UpdateMethod": "Replace",
                },
            },
        }
    )


ALLOWED = (allow("lambda:InvokeFunction"), allow("sns:Publish"))


def person(aws: EmbeddedAws, role_arn: str, name: str) -> Any:
    return aws.client_of_role("ssm", role_arn, session_name=name)


def start(aws: EmbeddedAws, **parameters: list[str]) -> str:
    client = person(aws, OPERATORS, "jane")
    answer = client.start_automation_execution(DocumentName="ask-first", Parameters={**ACCOUNT, **parameters})
    aws.run_until_idle()
    return str(answer["AutomationExecutionId"])


def signal(aws: EmbeddedAws, execution: str, kind: str = "Approve", by: Any = None) -> None:
    client = by or person(aws, APPROVERS, "omar")
    client.send_automation_signal(
        AutomationExecutionId=execution, SignalType=kind, Payload={"Comment": ["seen"]}
    )
    aws.run_until_idle()


def shown(aws: EmbeddedAws, execution: str) -> dict[str, Any]:
    client = person(aws, OPERATORS, "jane")
    found: dict[str, Any] = client.get_automation_execution(AutomationExecutionId=execution)
    return found["AutomationExecution"]  # type: ignore[no-any-return]


def test_an_automation_waits_for_approval_and_then_acts(deployed: Deploy) -> None:
    # Given an automation somebody started
    aws = deployed(stack(*ALLOWED))
    execution = start(aws, reason=["lost device"])

    # Then approvers are asked, and nothing is done yet
    waiting = shown(aws, execution)
    assert (waiting["AutomationExecutionStatus"], waiting["CurrentStepName"]) == ("Waiting", "Approve")
    assert [(m.to, m.body) for m in aws.messages] == [
        ("approvers@example.com", "Open 444455556666? lost device")
    ]

    # When one of them approves
    signal(aws, execution)

    # Then the function gets what was asked for
    done = shown(aws, execution)
    asked = {"account": "444455556666", "reason": "lost device", "execution": execution}
    [payload] = done["Outputs"]["Act.Payload"]
    assert (done["AutomationExecutionStatus"], json.loads(payload)) == ("Success", asked)
    assert done["ExecutedBy"] == f"arn:aws:sts::{HUB}:assumed-role/Operators/jane"
    assert done["Parameters"]["action"] == ["delete"]
    outputs = done["StepExecutions"][0]["Outputs"]
    [decision] = map(json.loads, outputs["ApproverDecisions"])
    assert outputs["ApprovalStatus"] == ["Approved"]
    assert decision == {
        "approver": f"arn:aws:sts::{HUB}:assumed-role/Approvers/omar",
        "decision": "Approve",
        "comment": "seen",
    }


def test_a_rejection_ends_it(deployed: Deploy) -> None:
    aws = deployed(stack(*ALLOWED))
    execution = start(aws)
    signal(aws, execution, "Reject")
    ended = shown(aws, execution)
    assert ended["AutomationExecutionStatus"] == "Failed"
    assert [step["StepStatus"] for step in ended["StepExecutions"]] == ["Failed", "Pending"]
    with pytest.raises(ClientError, match="InvalidAutomationSignalException"):
        signal(aws, execution)


def test_as_many_approve_as_are_required(deployed: Deploy) -> None:
    aws = deployed(stack(*ALLOWED, minimum=2))
    execution = start(aws)
    signal(aws, execution)
    signal(aws, execution)
    assert shown(aws, execution)["AutomationExecutionStatus"] == "Waiting"
    signal(aws, execution, by=person(aws, ADMINS, "ada"))
    assert shown(aws, execution)["AutomationExecutionStatus"] == "Success"


@pytest.mark.parametrize(("role_arn", "name"), [(OPERATORS, "jane"), (ADMINS, "eve")])
def test_only_approvers_approve(deployed: Deploy, role_arn: str, name: str) -> None:
    aws = deployed(stack(*ALLOWED))
    execution = start(aws)
    with pytest.raises(ClientError, match="not one of the step's approvers"):
        signal(aws, execution, by=person(aws, role_arn, name))


def test_nobody_waits_for_ever(deployed: Deploy) -> None:
    aws = deployed(stack(*ALLOWED))
    execution = start(aws)
    aws.clock.advance(3600)
    aws.run_until_idle()
    assert shown(aws, execution)["AutomationExecutionStatus"] == "TimedOut"


@pytest.mark.parametrize(
    ("statements", "trusted", "step", "reason"),
    [
        ([allow("lambda:InvokeFunction")], "ssm.amazonaws.com", "Approve", "SNS:Publish|sns:Publish"),
        ([allow("sns:Publish")], "ssm.amazonaws.com", "Act", "lambda:InvokeFunction"),
        ([*ALLOWED], "ec2.amazonaws.com", "Approve", "cannot assume"),
    ],
)
def test_it_does_only_what_its_role_may(
    deployed: Deploy, statements: list[Any], trusted: str, step: str, reason: str
) -> None:
    aws = deployed(stack(*statements, trusted=trusted))
    execution = start(aws)
    if step == "Act":
        signal(aws, execution)
    ended = shown(aws, execution)
    [failed] = [one for one in ended["StepExecutions"] if one["StepStatus"] == "Failed"]
    assert (ended["AutomationExecutionStatus"], failed["StepName"]) == ("Failed", step)
    assert any(word in failed["FailureMessage"] for word in reason.split("|"))


def test_a_function_that_fails_fails_it(deployed: Deploy) -> None:
    aws = deployed(stack(*ALLOWED))
    execution = start(aws, reason=["crash"])
    signal(aws, execution)
    ended = shown(aws, execution)
    assert ended["AutomationExecutionStatus"] == "Failed"
    assert ended["StepExecutions"][1]["Outputs"]["FunctionError"]
    # An output has a text all the same, which is no answer
    [text] = ended["Outputs"]["Act.Payload"]
    assert text.startswith("No output available yet")


@pytest.mark.parametrize(
    "parameters",
    [
        {"account": ["4444"]},
        {"account": ["444455556666", "777788889999"]},
        {"reason": ["x" * 513]},
        {"action": ["put"]},
        {"other": ["x"]},
        {"account": []},
    ],
)
def test_what_does_not_fit_the_runbook_does_not_start(
    deployed: Deploy, parameters: dict[str, list[str]]
) -> None:
    aws = deployed(stack(*ALLOWED))
    with pytest.raises(ClientError, match="InvalidAutomationExecutionParametersException"):
        start(aws, **parameters)


def test_what_is_not_there_is_said_so(deployed: Deploy) -> None:
    aws = deployed(stack(*ALLOWED))
    client = person(aws, OPERATORS, "jane")
    with pytest.raises(ClientError, match="AutomationDefinitionNotFoundException"):
        client.start_automation_execution(DocumentName="another")
    with pytest.raises(ClientError, match="AutomationDefinitionVersionNotFoundException"):
        client.start_automation_execution(DocumentName="ask-first", DocumentVersion="2", Parameters=ACCOUNT)
    with pytest.raises(ClientError, match="InvalidTarget"):
        client.start_automation_execution(DocumentName="ask-first", Mode="Interactive", Parameters=ACCOUNT)
    with pytest.raises(ClientError, match="AutomationExecutionNotFoundException"):
        client.get_automation_execution(AutomationExecutionId="0" * 36)


def test_executions_are_found(deployed: Deploy) -> None:
    aws = deployed(stack(*ALLOWED))
    first, second = start(aws), start(aws)
    signal(aws, first)
    describe = person(aws, APPROVERS, "omar").describe_automation_executions

    def found(**wanted: str) -> list[str]:
        filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
        answer = describe(Filters=filters) if filters else describe()
        return [one["AutomationExecutionId"] for one in answer["AutomationExecutionMetadataList"]]

    assert found() == [second, first]
    assert found(ExecutionStatus="Waiting") == [second]
    assert found(DocumentNamePrefix="ask-", ExecutionId=first) == [first]
    with pytest.raises(ClientError, match="InvalidFilterKey"):
        found(CurrentAction="aws:approve")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schemaVersion",), "2.2"),
        (("files",), {}),
        (("assumeRole",), ""),
        (("parameters", "account", "type"), "Integer"),
        (("mainSteps", 1, "action"), "aws:executeScript"),
        (("mainSteps", 1, "onFailure"), "Continue"),
        (("mainSteps", 1, "maxAttempts"), 3),
        (("mainSteps", 1, "inputs", "Payload"), "{}"),
        (("mainSteps", 1, "inputs", "InputPayload", "hours"), "{{ hours }}"),
        (("mainSteps", 0, "inputs", "MinRequiredApprovals"), 3),
        (("mainSteps", 0, "inputs", "NotificationArn"), "arn:aws:sns:us-east-1:222233334444:approvals"),
        (("mainSteps", 0, "inputs", "Message"), "x" * 4097),
    ],
)
def test_a_runbook_this_program_would_carry_out_wrongly_is_refused(
    path: tuple[str | int, ...], value: object
) -> None:
    document = deepcopy(DOCUMENT)
    check_document(document)
    place: Any = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(TemplateError):
        check_document(document)


def test_a_wrong_runbook_is_not_deployed(deployed: Deploy) -> None:
    wrong = stack(*ALLOWED)
    wrong.resources["Document"]["Properties"]["Content"]["mainSteps"][0]["action"] = "aws:pause"
    with pytest.raises(DeploymentError, match="aws:pause"):
        deployed(wrong)
