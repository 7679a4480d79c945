"""Schedules and state machines, with the permissions AWS asks for."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.delivery.schedules import ScheduleError
from local.embedded_aws import EmbeddedAws
from tests.embedded.templates import HUB, Stack, allow, att, queue, role

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
