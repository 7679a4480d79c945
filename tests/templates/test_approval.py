"""Runbooks that ask for approval: what they show and hand over, and what their roles may do."""

from typing import Any

import pytest

from rootwarden.contract.functions import Caller
from stacks.constructs.approval import UNLOCK_BUCKET, UNLOCK_QUEUE, ApprovedTask, open_recovery
from tests.templates.synthesized import CONFIGURATION, HUB, Deployment, Template, synthesized

TASKS = (open_recovery(12), UNLOCK_BUCKET, UNLOCK_QUEUE)
every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


def handler(task: ApprovedTask) -> str:
    return f"lambdas.{task.name}.handler"


def document(hub: Template, task: ApprovedTask) -> dict[str, Any]:
    """Return the properties of a task's document, by what the function believes in."""
    believed = hub.function(handler(task))["Environment"]["Variables"]["APPROVAL_DOCUMENT"]
    [found] = [each for each in hub.properties("AWS::SSM::Document") if each["Name"] == believed]
    return found


def steps(hub: Template, task: ApprovedTask) -> tuple[dict[str, Any], dict[str, Any]]:
    approve, act = document(hub, task)["Content"]["mainSteps"]
    assert (approve["action"], act["action"]) == ("aws:approve", "aws:invokeLambdaFunction")
    return approve["inputs"], act["inputs"]


@pytest.mark.long
def test_nothing_of_it_is_there_unless_it_is_configured() -> None:
    hub = synthesized(approval={}).hub
    assert not hub.of_type("AWS::SSM::Document")
    assert "Approval" not in "".join((*hub.body["Resources"], *hub.body["Outputs"]))
    for task in TASKS:
        assert "APPROVAL_DOCUMENT" not in hub.function(handler(task))["Environment"]["Variables"]


def test_there_is_one_runbook_for_each_function_and_no_other(deployed: Deployment) -> None:
    named = {document(deployed.hub, task)["Name"] for task in TASKS}
    assert named == {each["Name"] for each in deployed.hub.properties("AWS::SSM::Document")}
    assert len(named) == len(TASKS)


@every_task
def test_approvers_are_shown_what_the_function_is_handed(deployed: Deployment, task: ApprovedTask) -> None:
    approve, act = steps(deployed.hub, task)
    parameters = document(deployed.hub, task)["Content"]["parameters"]
    for name in parameters:
        assert f"{name}: {{{{ {name} }}}}" in approve["Message"]
        assert act["InputPayload"][name] == f"{{{{ {name} }}}}"
    assert act["InputPayload"].keys() - parameters.keys() == {"requestedBy", "automationExecutionId"}
    assert act["InputPayload"]["automationExecutionId"] == "{{automation:EXECUTION_ID}}"


@every_task
def test_those_approve_who_are_configured(deployed: Deployment, task: ApprovedTask) -> None:
    approve, _ = steps(deployed.hub, task)
    assert approve["Approvers"] == CONFIGURATION["approval"]["approvers"]
    assert approve["MinRequiredApprovals"] == 1


@every_task
def test_the_runbook_notifies_and_invokes_its_one_function(deployed: Deployment, task: ApprovedTask) -> None:
    hub = deployed.hub
    [topic] = [i for i, t in hub.of_type("AWS::SNS::Topic").items() if "TopicName" in t["Properties"]]
    approve, act = steps(hub, task)
    role_id = document(hub, task)["Content"]["assumeRole"]["Fn::GetAtt"][0]

    assert act["Qualifier"] == Caller.PERSON
    assert (approve["NotificationArn"], act["FunctionName"]) == (
        {"Ref": topic},
        {"Ref": hub.function_id(handler(task))},
    )
    [trust] = hub.body["Resources"][role_id]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ssm.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": HUB}
    assert "automation-execution/*" in str(trust["Condition"]["ArnLike"]["aws:SourceArn"])


def test_approvers_hear_of_requests_through_a_topic_automation_may_use(deployed: Deployment) -> None:
    [topic_id] = [
        i
        for i, t in deployed.hub.of_type("AWS::SNS::Topic").items()
        if t["Properties"].get("TopicName", "").startswith("Automation")
    ]
    subscriptions = deployed.hub.properties("AWS::SNS::Subscription")
    heard = [each["Endpoint"] for each in subscriptions if each["TopicArn"] == {"Ref": topic_id}]
    assert heard == CONFIGURATION["alert_emails"]


@pytest.mark.long
def test_another_content_has_another_name(deployed: Deployment) -> None:
    # CloudFormation replaces a document by name, and functions believe in its first version only.
    approvers = CONFIGURATION["approval"]["approvers"]
    same = synthesized()
    stricter = synthesized(approval={"approvers": approvers, "minimum": 2})
    for task in TASKS:
        name = document(deployed.hub, task)["Name"]
        assert document(same.hub, task)["Name"] == name
        assert document(stricter.hub, task)["Name"] != name
        assert document(deployed.hub, task)["UpdateMethod"] == "Replace"


def test_operators_find_the_runbooks(deployed: Deployment) -> None:
    value = deployed.hub.body["Outputs"]["ApprovalDocuments"]["Value"]
    for task in TASKS:
        assert f'"{task.name}":"{document(deployed.hub, task)["Name"]}"' in str(value)


def test_no_policy_has_a_statement_id_twice(deployed: Deployment) -> None:
    for template in deployed:
        for policy in template.properties("AWS::IAM::Policy"):
            ids = [s["Sid"] for s in policy["PolicyDocument"]["Statement"] if "Sid" in s]
            assert len(ids) == len(set(ids))


@every_task
def test_what_people_type_fits_a_parameter(task: ApprovedTask) -> None:
    for name, parameter in task.parameters.items():
        assert parameter["type"] == "String", name
        assert ("allowedPattern" in parameter) != ("allowedValues" in parameter), name


@pytest.mark.long
def test_nobody_asks_for_a_longer_window_than_there_may_be() -> None:
    hub = synthesized(recovery={"max_hours": 3}).hub
    hours = document(hub, open_recovery(3))["Content"]["parameters"]["hours"]
    assert hours["allowedValues"] == ["1", "2", "3"]
