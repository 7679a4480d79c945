"""A second person approves: the approvers' topic, and runbooks of Systems Manager Automation."""

import hashlib
import json

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from rootwarden.contract.functions import Caller
from stacks.approval_runbooks import Means, Task, runbook
from stacks.configuration.blocks import Approval
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import ServiceRole, grant, grant_matching
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.state_table import StateTable


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

    def require(self, task: Task, function: PythonFunction) -> None:
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
        task: Task,
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
        means = Means(function_name=function.function_name, role_arn=role.role_arn, topic_arn=topic.topic_arn)
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
