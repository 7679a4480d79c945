"""Which root sessions a function may open."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Sequence

AUDIT_TASK = "IAMAuditRootUserCredentials"
DELETE_TASK = "IAMDeleteRootUserCredentials"
PASSWORD_TASK = "IAMCreateRootUserPassword"
UNLOCK_BUCKET_TASK = "S3UnlockBucketPolicy"
UNLOCK_QUEUE_TASK = "SQSUnlockQueuePolicy"


@dataclass(frozen=True)
class SanctionedSessions:
    """The root sessions a role of ours may open: what it is granted, and what is not a stranger's."""

    role: iam.Role
    tasks: tuple[str, ...]


def as_json(sanctioned: Sequence[SanctionedSessions]) -> str:
    """Return the tasks by the ARN of the role, which is known only when deployed."""
    # CDK's own JSON takes no such ARN as a key. Nothing in one needs escaping.
    roles = (f'"{each.role.role_arn}":{json.dumps(each.tasks, separators=(",", ":"))}' for each in sanctioned)
    return f"{{{','.join(roles)}}}"


def grant_root_sessions(role: iam.Role, *, tasks: Sequence[str]) -> SanctionedSessions:
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
            f" organization, and the condition only {' and '.join(tasks)}.",
        )
    )
    return SanctionedSessions(role, tuple(tasks))
