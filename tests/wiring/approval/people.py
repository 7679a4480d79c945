"""People in the hub account, signed in through IAM Identity Center: who asks, and who approves."""

import json
from dataclasses import dataclass
from typing import Any

from local.aws import LocalAws
from local.scenarios.asking import ask

HUB, MEMBER = "222233334444", "444455556666"
_RESERVED = f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com"
OPERATORS = f"{_RESERVED}/AWSReservedSSO_Operators_0123456789abcdef"
APPROVERS = f"{_RESERVED}/AWSReservedSSO_Approvers_0123456789abcdef"
# A role anybody on duty takes, with a session name of their choice.
ON_DUTY = f"arn:aws:iam::{HUB}:role/OnDuty"


def session(role_arn: str, name: str) -> str:
    """Return how AWS names a session of a role."""
    return f"arn:aws:sts::{HUB}:assumed-role/{role_arn.rpartition('/')[2]}/{name}"


@dataclass(frozen=True)
class Person:
    """Somebody who has taken a role."""

    aws: LocalAws
    role_arn: str
    name: str

    @property
    def arn(self) -> str:
        return session(self.role_arn, self.name)

    @property
    def ssm(self) -> Any:
        return self.aws.client_of_role("ssm", self.role_arn, session_name=self.name)

    def ask(self, task: str, **parameters: str) -> str:
        """Start a task's runbook; return the execution's id."""
        name = documents(self.aws)[task]
        given = {"account": MEMBER, "reason": "ticket 4711", **parameters}
        execution = self.ssm.start_automation_execution(
            DocumentName=name, Parameters={key: [value] for key, value in given.items()}
        )["AutomationExecutionId"]
        self.aws.run_until_idle()
        return str(execution)

    def approve(self, execution: str, says: str = "Approve") -> None:
        """Decide on what somebody asked for."""
        self.ssm.send_automation_signal(AutomationExecutionId=execution, SignalType=says)
        self.aws.run_until_idle()


def documents(aws: LocalAws) -> dict[str, str]:
    """Return the runbooks' names by task, as each function has its own in its environment."""
    functions = aws.client("lambda", account=HUB).list_functions()["Functions"]
    named = {each["Handler"].split(".")[-2]: each["Environment"]["Variables"] for each in functions}
    return {
        task: variables["APPROVAL_DOCUMENT"]
        for task, variables in named.items()
        if "APPROVAL_DOCUMENT" in variables
    }


def invoke(aws: LocalAws, task: str, **request: object) -> dict[str, Any]:
    """Invoke a task's function directly, as somebody who may."""
    return ask(aws, task, **{"account": MEMBER, "reason": "ticket 4711", "requestedBy": "jane", **request})


def execution_of(aws: LocalAws, execution: str) -> dict[str, Any]:
    """Return what AWS has on record of an execution."""
    client = aws.client("ssm", account=HUB)
    found: dict[str, Any] = client.get_automation_execution(AutomationExecutionId=execution)
    record: dict[str, Any] = found["AutomationExecution"]
    return record


def answer_to(aws: LocalAws, execution: str) -> dict[str, Any]:
    """Return the function's answer in an automation that is over."""
    record = execution_of(aws, execution)
    assert record["AutomationExecutionStatus"] == "Success", record.get("FailureMessage")
    answer: dict[str, Any] = json.loads(record["Outputs"]["Act.Payload"][0])
    return answer
