"""A second person approves: the approvers' topic, and runbooks of Systems Manager Automation.

Every parameter that people fill in is a text of at most 512 characters, as Systems Manager has it. That is
why a policy for a bucket or queue cannot be put there with an approval: it can be deleted, or restored from
evidence.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from rootwarden.contract.functions import Caller
from stacks.configuration.blocks import Approval
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import ServiceRole, grant, grant_matching
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.state_table import StateTable

APPROVE, ACT = "Approve", "Act"
_EXECUTION = "{{automation:EXECUTION_ID}}"
_SECONDS_TO_APPROVE = 24 * 3600
# The longest Automation waits for a function.
_SECONDS_TO_ACT = 300

Parameter = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class ApprovedTask:
    """One thing people ask for. name: of the function that does it."""

    name: str
    description: str
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, kw_only=True)
class RunbookParts:
    """What a runbook works with: a function's name, the automation's role and the approvers' topic by ARN."""

    function_name: str
    role_arn: str
    topic_arn: str


def runbook(task: ApprovedTask, means: RunbookParts, approval: Approval) -> dict[str, object]:
    """Return the document: approval by people, then the function with exactly what they were shown."""
    return {
        "schemaVersion": "0.3",
        "description": f"rootwarden: {task.description}, after a second person's approval",
        "assumeRole": means.role_arn,
        "parameters": dict(task.parameters),
        "mainSteps": [_approve(task, means, approval), _act(task, means)],
        "outputs": [f"{ACT}.Payload"],
    }


def _approve(task: ApprovedTask, means: RunbookParts, approval: Approval) -> dict[str, object]:
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


def _act(task: ApprovedTask, means: RunbookParts) -> dict[str, object]:
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
    "region": _text("The Region it is in, if known", r"^[a-z0-9-]{0,32}$", default=""),
    "action": _choice("Delete the policy, or restore one that was saved", "delete", "restore"),
    "evidence": _text("To restore: the saved policy's key", r"^[A-Za-z0-9._:/-]{0,512}$", default=""),
    "lockAgain": _choice("To restore: whether a policy that locks may be", "false", "true", default="false"),
    "reason": _REASON,
}


def open_recovery(longest_hours: int) -> ApprovedTask:
    """Return the task of opening recovery windows, no longer than these hours."""
    hours = [str(number) for number in range(1, longest_hours + 1)]
    return ApprovedTask(
        name="open_recovery",
        description="opens a recovery window for a member account",
        parameters={
            "account": _ACCOUNT,
            "hours": _choice("How long the root password can be recovered", *hours),
            "reason": _REASON,
        },
    )


UNLOCK_BUCKET = ApprovedTask(
    name="unlock_bucket",
    description="deletes or restores a bucket's policy in a member account",
    parameters={
        "account": _ACCOUNT,
        "bucket": _text("The bucket's name", r"^[A-Za-z0-9._-]{3,255}$"),
        **_POLICY_CHANGE,
    },
)
UNLOCK_QUEUE = ApprovedTask(
    name="unlock_queue",
    description="deletes or restores a queue's policy in a member account",
    parameters={
        "account": _ACCOUNT,
        "queue": _text("The queue's URL, ARN or name", r"^[A-Za-z0-9._:/-]{1,512}$"),
        **_POLICY_CHANGE,
    },
)


class Approvals(Construct):
    """The approvers' topic, and a runbook for each function that needs approval."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the topic, subscribed like the alert topic; `document_names` are by the tasks' names."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        self.document_names: dict[str, str] = {}
        # AWS's managed policies for Automation admit topics by this beginning of the name only.
        self._topic = sns.Topic(
            self,
            "Topic",
            topic_name=f"AutomationApprovals-{foundation.configuration.named('rootwarden')}",
            display_name="rootwarden",
            master_key=foundation.key,
            enforce_ssl=True,
        )
        for email in foundation.configuration.alert_emails:
            self._topic.add_subscription(subscriptions.EmailSubscription(email))

    def require(self, task: ApprovedTask, function: PythonFunction) -> None:
        """Let `function` act on nothing but approved automations of a runbook of its own."""
        made = ApprovalRunbook(
            self,
            "".join(word.capitalize() for word in task.name.split("_")),
            task=task,
            name=self._foundation.configuration.named(f"rootwarden-{task.name.replace('_', '-')}"),
            approval=self._foundation.configuration.approval,
            function=function,
            topic=self._topic,
            key=self._foundation.key,
        )
        self.document_names[task.name] = made.document_name
        function.add_settings(approval_document=made.document_name)
        _grant_using_approvals(function.own_role, self._foundation.state)


class ApprovalRunbook(Construct):
    """A document whose automations ask for approval, then invoke one function, and may do nothing else."""

    def __init__(  # noqa: PLR0913 - what one runbook brings together
        self,
        scope: Construct,
        construct_id: str,
        *,
        task: ApprovedTask,
        name: str,
        approval: Approval,
        function: PythonFunction,
        topic: sns.ITopic,
        key: kms.IKey,
    ) -> None:
        """Create document and role; `document_name` is known before either is deployed.

        CloudFormation replaces a document whose content changes, and needs a new name for that. So each
        content has a name of its own and exactly one version: no deployment made any other version.
        """
        super().__init__(scope, construct_id)
        executions = Stack.of(self).format_arn(
            service="ssm", resource="automation-execution", resource_name="*"
        )
        role = ServiceRole(self, "Role", service="ssm.amazonaws.com", source_arn=executions)
        grant(role, "Invoke", ["lambda:InvokeFunction"], [function.alias_of(Caller.PERSON).function_arn])
        grant(role, "Notify", ["sns:Publish"], [topic.topic_arn])
        grant_use(key, role, writes=True)
        means = RunbookParts(
            function_name=function.function_name, role_arn=role.role_arn, topic_arn=topic.topic_arn
        )
        content = runbook(task, means, approval)
        digest = hashlib.sha256(json.dumps(Stack.of(self).resolve(content), sort_keys=True).encode())
        self.document_name = f"{name}-{digest.hexdigest()[:8]}"
        ssm.CfnDocument(
            self,
            "Document",
            name=self.document_name,
            document_type="Automation",
            document_format="JSON",
            content=content,
            update_method="Replace",
        )


def _grant_using_approvals(role: iam.Role, state: StateTable) -> None:
    """Let `role` look an approval up and claim it, so that no one uses it again."""
    stack = Stack.of(role)
    grant_matching(
        role,
        "LookUpApproval",
        ["ssm:GetAutomationExecution"],
        f"ssm:{stack.region}:{stack.account}:automation-execution/*",
        because="An execution's id is chosen when somebody asks; which document it is of, it says itself.",
    )
    # The table's own grants have one statement id, which a policy must not hold twice.
    grant(role, "ClaimApproval", ["dynamodb:UpdateItem"], [state.table_arn])
