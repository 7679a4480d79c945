"""Which root sessions a function may open."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Duration, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.evidence_bucket import UNLOCKS
from stacks.constructs.organization_access import grant_describe_accounts
from stacks.constructs.python_function import PythonFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.constructs.evidence_bucket import EvidenceBucket
    from stacks.constructs.foundation import Foundation


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


# A root session lasts two minutes; finding a queue in every Region comes before reading its policy back.
_TIMEOUT = Duration.seconds(150)


class TaskSessions(Construct):
    """unlock_bucket and unlock_queue: asked by an operator, each in root sessions for its one task."""

    def __init__(
        self, scope: Construct, construct_id: str, *, foundation: Foundation, bucket: EvidenceBucket
    ) -> None:
        """Create the functions, which keep policies in `bucket`; `sessions` are the ones they may open."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        self._bucket = bucket
        self.sessions: list[SanctionedSessions] = []
        self.unlock_bucket = self._function("UnlockBucket", "unlock_bucket", UNLOCK_BUCKET_TASK)
        self.unlock_queue = self._function("UnlockQueue", "unlock_queue", UNLOCK_QUEUE_TASK)
        self.functions = [self.unlock_bucket, self.unlock_queue]

    def _function(self, construct_id: str, module: str, task: str) -> PythonFunction:
        foundation, configuration = self._foundation, self._foundation.configuration
        function = PythonFunction(
            self,
            construct_id,
            handler=f"lambdas.{module}.handler",
            environment={
                "STATE_TABLE_NAME": foundation.state.table_name,
                "EVENT_BUS_NAME": foundation.bus.event_bus_name,
                "MANAGEMENT_ACCOUNT_ID": configuration.management_account_id,
                "ORGANIZATION_ID": configuration.organization_id,
                "BUCKET_NAME": self._bucket.bucket_name,
            },
            timeout=_TIMEOUT,
            memory_size=512,
            foundation=foundation,
        )
        role = function.own_role
        self.sessions.append(grant_root_sessions(role, tasks=[task]))
        grant_describe_accounts(role, configuration=configuration)
        foundation.state.grant_register(role)
        foundation.bus.grant_publish_outcomes(role)
        self._bucket.allow_put(role, f"{UNLOCKS}*")
        self._bucket.allow_get(role, f"{UNLOCKS}*")
        return function
