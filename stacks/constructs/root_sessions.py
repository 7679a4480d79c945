"""Which root sessions a role may open."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from rootwarden.contract.functions import task_policy_arn
from stacks.constructs.grants import grant_matching


@dataclass(frozen=True)
class SanctionedSessions:
    """The root sessions a role of ours may open: what it is granted, and what is not a stranger's."""

    role: iam.Role
    tasks: tuple[str, ...]


def grant_root_sessions(role: iam.Role, *, tasks: Sequence[str]) -> SanctionedSessions:
    """Let `role` enter any member account as root, for these tasks and no other."""
    partition = Stack.of(role).partition
    arns = [task_policy_arn(partition, task) for task in tasks]
    grant_matching(
        role,
        "RootSessions",
        ["sts:AssumeRoot"],
        "iam::*:root",
        because="Accounts not yet created are its purpose; AWS admits only members of the organization, and"
        f" the condition only {' and '.join(tasks)}.",
        conditions={"StringEquals": {"sts:TaskPolicyArn": arns}},
    )
    return SanctionedSessions(role, tuple(tasks))
