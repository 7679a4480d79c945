"""Schedules and state machines, with the permissions AWS asks for."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.environment import EmbeddedAws
from embedded_aws.scheduler import ScheduleError
from tests.embedded_aws.templates import HUB, Stack, allow, att, function, queue, role

Deploy = Callable[..., EmbeddedAws]
_START = allow("states:StartExecution")
_DEFINITION = {"StartAt": "One", "States": {"One": {"Type": "Pass", "Result": {"done": True}, "End": True}}}


def _scheduled(*statements: Any, service: str = "scheduler.amazonaws.com") -> Stack:
    return Stack(
        resources={
            "MachineRole": role("states.amazonaws.com", allow("logs:CreateLogDelivery")),
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "StateMachineName": "machine",
                    "RoleArn": att("MachineRole"),
                    "DefinitionString": json.dumps(_DEFINITION),
                },
            },
            "DeadLetters": queue(QueueName="dead-letters"),
            "SchedulerRole": role(service, *statements),
            "Schedule": {
                "Type": "AWS::Scheduler::Schedule",
                "Properties": {
                    "FlexibleTimeWindow": {"Mode": "OFF"},
                    "ScheduleExpression": "rate(1 day)",
                    "State": "ENABLED",
                    "Target": {
                        "Arn": {"Ref": "Machine"},
                        "RoleArn": att("SchedulerRole"),
                        "Input": '{"from": "schedule"}',
                        "DeadLetterConfig": {"Arn": att("DeadLetters")},
                    },
                },
            },
        }
    )


def _executions(aws: EmbeddedAws) -> list[dict[str, Any]]:
    client = aws.client("stepfunctions", account=HUB)
    [machine] = client.list_state_machines()["stateMachines"]
    listed = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    return [client.describe_execution(executionArn=each["executionArn"]) for each in listed]


def _dead_letters(aws: EmbeddedAws) -> list[str]:
    sqs = aws.client("sqs", account=HUB)
    url = sqs.get_queue_url(QueueName="dead-letters")["QueueUrl"]
    return [message["Body"] for message in sqs.receive_message(QueueUrl=url).get("Messages", [])]


def test_a_schedule_starts_its_state_machine_with_its_input(deployed: Deploy) -> None:
    aws = deployed(_scheduled(_START))
    aws.fire_schedules()
    aws.run_until_idle()
    [execution] = _executions(aws)
    assert execution["status"] == "SUCCEEDED"
    assert (execution["input"], execution["output"]) == ('{"from": "schedule"}', '{"done": true}')


def test_time_that_passes_fires_no_schedule(deployed: Deploy) -> None:
    aws = deployed(_scheduled(_START))
    aws.clock.advance(3 * 24 * 3600)
    aws.run_until_idle()
    assert _executions(aws) == []


@pytest.mark.parametrize(
    "stack",
    [
        _scheduled(allow("sqs:SendMessage")),
        _scheduled(_START, allow("sqs:SendMessage"), service="events.amazonaws.com"),
    ],
    ids=["may not start it", "is not trusted"],
)
def test_what_a_schedule_may_not_start_is_a_dead_letter(deployed: Deploy, stack: Stack) -> None:
    aws = deployed(stack)
    aws.fire_schedules()
    aws.run_until_idle()
    assert (_executions(aws), _dead_letters(aws)) == ([], ['{"from": "schedule"}'])


def test_a_schedule_that_may_nothing_at_all_says_so(deployed: Deploy) -> None:
    aws = deployed(_scheduled(allow("sns:Publish")))
    with pytest.raises(ScheduleError, match="may not do its work"):
        aws.fire_schedules()


_LAMBDA = "lambda.amazonaws.com"


def _functions(*statements: Any, service: str = "scheduler.amazonaws.com") -> Stack:
    """A function whose handler always fails, with dead letters of its own, and a role for schedules."""
    return Stack(
        resources={
            "DeadLetters": queue(QueueName="dead-letters"),
            "FunctionRole": role(_LAMBDA, allow("sqs:SendMessage")),
            "Function": function(
                "tests.embedded_aws.no_such_module.handler",
                "FunctionRole",
                FunctionName="failing",
                DeadLetterConfig={"TargetArn": att("DeadLetters")},
            ),
            "SchedulerRole": role(service, *statements),
        }
    )


def _schedule_once(aws: EmbeddedAws, at: str) -> None:
    iam = aws.client("iam", account=HUB)
    [scheduler_role] = [r["Arn"] for r in iam.list_roles()["Roles"] if "SchedulerRole" in r["RoleName"]]
    aws.client("scheduler", account=HUB).create_schedule(
        Name="once",
        ScheduleExpression=f"at({at})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": f"arn:aws:lambda:us-east-1:{HUB}:function:failing",
            "RoleArn": scheduler_role,
            "Input": '{"from": "schedule"}',
            "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{HUB}:dead-letters"},
        },
    )


def _schedules(aws: EmbeddedAws) -> list[str]:
    return [s["Name"] for s in aws.client("scheduler", account=HUB).list_schedules()["Schedules"]]


def test_a_one_time_schedule_waits_for_its_time_fires_once_and_is_gone(deployed: Deploy) -> None:
    aws = deployed(_functions(allow("lambda:InvokeFunction")))
    due = aws.clock.now() + timedelta(hours=1)
    _schedule_once(aws, f"{due:%Y-%m-%dT%H:%M:%S}")

    aws.fire_schedules()
    aws.run_until_idle()
    assert (_schedules(aws), aws.logs) == (["once"], [])
    aws.clock.advance(3601)
    aws.run_until_idle()
    assert _schedules(aws) == []
    assert len(aws.logs) == 3
    aws.run_until_idle()
    assert len(aws.logs) == 3


def test_a_function_that_keeps_failing_leaves_its_event_with_its_dead_letters(deployed: Deploy) -> None:
    aws = deployed(_functions(allow("lambda:InvokeFunction")))
    began = aws.clock.now()
    _schedule_once(aws, f"{began:%Y-%m-%dT%H:%M:%S}")

    aws.run_until_idle()

    assert [json.loads(letter.body) for letter in aws.dead_letters] == [{"from": "schedule"}]
    assert (aws.clock.now() - began).total_seconds() == 180


def test_a_one_time_schedule_that_may_not_invoke_is_a_dead_letter(deployed: Deploy) -> None:
    aws = deployed(_functions(allow("sqs:SendMessage")))
    _schedule_once(aws, f"{aws.clock.now():%Y-%m-%dT%H:%M:%S}")

    aws.run_until_idle()

    assert (aws.logs, _dead_letters(aws)) == ([], ['{"from": "schedule"}'])


def test_lambda_refuses_dead_letters_its_function_may_not_send(deployed: Deploy) -> None:
    stack = _functions()
    resources = {**stack.resources, "FunctionRole": role(_LAMBDA, allow("logs:PutLogEvents"))}

    with pytest.raises(DeploymentError, match="permissions to call SendMessage on SQS"):
        deployed(Stack(resources=resources))
