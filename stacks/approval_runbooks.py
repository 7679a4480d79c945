"""What people fill in when they ask for something that needs approval, and what becomes of it.

Every parameter is a text of at most 512 characters, as Systems Manager has it. That is why a policy for a
bucket or queue cannot be put there with an approval: it can be deleted, or restored from evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rootwarden.contract.functions import Caller
from stacks.configuration.blocks import Approval

APPROVE, ACT = "Approve", "Act"
_EXECUTION = "{{automation:EXECUTION_ID}}"
_SECONDS_TO_APPROVE = 24 * 3600
# The longest Automation waits for a function.
_SECONDS_TO_ACT = 300

Parameter = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing people ask for. name: of the function that does it."""

    name: str
    description: str
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a runbook works with: a function's name, the automation's role and the approvers' topic by ARN."""

    function_name: str
    role_arn: str
    topic_arn: str


def runbook(task: Task, means: Means, approval: Approval) -> dict[str, object]:
    """Return the document: approval by people, then the function with exactly what they were shown."""
    return {
        "schemaVersion": "0.3",
        "description": f"rootwarden: {task.description}, after a second person's approval",
        "assumeRole": means.role_arn,
        "parameters": dict(task.parameters),
        "mainSteps": [_approve(task, means, approval), _act(task, means)],
        "outputs": [f"{ACT}.Payload"],
    }


def _approve(task: Task, means: Means, approval: Approval) -> dict[str, object]:
    return {
        "name": APPROVE,
        "action": "aws:approve",
        "timeoutSeconds": _SECONDS_TO_APPROVE,
        "onFailure": "Abort",
        "inputs": {
            "NotificationArn": means.topic_arn,
            "Message": "\n".join(
                [task.description, *(f"{name}: {_value(name)}" for name in task.parameters)]
            ),
            "MinRequiredApprovals": approval.minimum,
            "Approvers": list(approval.approvers),
        },
    }


def _act(task: Task, means: Means) -> dict[str, object]:
    return {
        "name": ACT,
        "action": "aws:invokeLambdaFunction",
        "timeoutSeconds": _SECONDS_TO_ACT,
        # The approval serves for one attempt.
        "maxAttempts": 1,
        "onFailure": "Abort",
        "isEnd": True,
        "inputs": {
            "FunctionName": means.function_name,
            "Qualifier": Caller.PERSON.value,
            "InputPayload": {
                **{name: _value(name) for name in task.parameters},
                "requestedBy": f"automation {_EXECUTION}",
                "automationExecutionId": _EXECUTION,
            },
        },
    }


def _value(parameter: str) -> str:
    return f"{{{{ {parameter} }}}}"


def _text(description: str, pattern: str, **rest: object) -> Parameter:
    return {"type": "String", "description": description, "allowedPattern": pattern, **rest}


def _choice(description: str, *values: str, **rest: object) -> Parameter:
    return {"type": "String", "description": description, "allowedValues": list(values), **rest}


_ACCOUNT = _text("The member account's id", r"^[0-9]{12}$")
# No braces: Automation would take what stands between them for a variable.
_REASON = _text("Why; shown to approvers and in messages", r"^[^{}\r\n]{1,500}$")
_POLICY_CHANGE: Mapping[str, Parameter] = {
    "action": _choice("Delete the policy, or restore one that was saved", "delete", "restore"),
    "evidence": _text("To restore: the saved policy's key", r"^[A-Za-z0-9._:/-]{0,512}$", default=""),
    "lockAgain": _choice("To restore: whether a policy that locks may be", "false", "true", default="false"),
    "reason": _REASON,
}


def open_recovery(longest_hours: int) -> Task:
    """Return the task of opening recovery windows, no longer than these hours."""
    hours = [str(number) for number in range(1, longest_hours + 1)]
    return Task(
        name="open_recovery",
        description="opens a recovery window for a member account",
        parameters={
            "account": _ACCOUNT,
            "hours": _choice("How long the root password can be recovered", *hours),
            "reason": _REASON,
        },
    )


UNLOCK_BUCKET = Task(
    name="unlock_bucket",
    description="deletes or restores a bucket's policy in a member account",
    parameters={
        "account": _ACCOUNT,
        "bucket": _text("The bucket's name", r"^[A-Za-z0-9._-]{3,255}$"),
        **_POLICY_CHANGE,
    },
)
UNLOCK_QUEUE = Task(
    name="unlock_queue",
    description="deletes or restores a queue's policy in a member account",
    parameters={
        "account": _ACCOUNT,
        "queue": _text("The queue's URL, ARN or name", r"^[A-Za-z0-9._:/-]{1,512}$"),
        "region": _text("With a name: the queue's Region, if known", r"^[a-z0-9-]{0,32}$", default=""),
        **_POLICY_CHANGE,
    },
)
