"""One runbook of Systems Manager Automation, and the role it acts with."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.approval_runbooks import Means, Task, runbook
from stacks.constructs.service_role import ServiceRole

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns

    from stacks.approval_config import Approval
    from stacks.constructs.encryption_key import EncryptionKey
    from stacks.constructs.python_function import PythonFunction


class ApprovalRunbook(Construct):
    """A document whose automations ask for approval, then invoke one function, and may do nothing else."""

    def __init__(  # noqa: PLR0913 - what one runbook brings together
        self,
        scope: Construct,
        construct_id: str,
        *,
        task: Task,
        approval: Approval,
        function: PythonFunction,
        topic: sns.ITopic,
        key: EncryptionKey,
    ) -> None:
        """Create document and role; `document_name` is known before either is deployed.

        CloudFormation replaces a document whose content changes, and needs a new name for that. So each
        content has a name of its own and exactly one version: any other version is nobody's deployment.
        """
        super().__init__(scope, construct_id)
        executions = Stack.of(self).format_arn(
            service="ssm", resource="automation-execution", resource_name="*"
        )
        role = ServiceRole(self, "Role", service="ssm.amazonaws.com", source_arn=executions)
        role.add_to_policy(_statement("Invoke", "lambda:InvokeFunction", function.function_arn))
        role.add_to_policy(_statement("Notify", "sns:Publish", topic.topic_arn))
        key.grant_use(role, writes=True)
        means = Means(function_name=function.function_name, role_arn=role.role_arn, topic_arn=topic.topic_arn)
        content = runbook(task, means, approval)
        digest = hashlib.sha256(json.dumps(Stack.of(self).resolve(content), sort_keys=True).encode())
        self.document_name = f"rootwarden-{task.name.replace('_', '-')}-{digest.hexdigest()[:8]}"
        ssm.CfnDocument(
            self,
            "Document",
            name=self.document_name,
            document_type="Automation",
            document_format="JSON",
            content=content,
            update_method="Replace",
        )


def _statement(sid: str, action: str, resource: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=[action], resources=[resource])
