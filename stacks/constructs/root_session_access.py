"""Which root sessions a function may open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Sequence

AUDIT_TASK = "IAMAuditRootUserCredentials"
DELETE_TASK = "IAMDeleteRootUserCredentials"


def grant_root_sessions(role: iam.Role, *, tasks: Sequence[str]) -> None:
    """Let `role` enter any member account as root, for these tasks and no other."""
    partition = Stack.of(role).partition
    task_arns = [f"arn:{partition}:iam::aws:policy/root-task/{task}" for task in tasks]
    role.add_to_policy(
        iam.PolicyStatement(
            sid="RootSessions",
            actions=["sts:AssumeRoot"],
            resources=[f"arn:{partition}:iam::*:root"],
            conditions={"StringEquals": {"sts:TaskPolicyArn": task_arns}},
        )
    )
    Validations.of(role).acknowledge(
        Acknowledgment(
            id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:root]",
            reason="Accounts not yet created are its purpose; AWS admits only members of the"
            " organization, and the condition only auditing and deleting root credentials.",
        )
    )
