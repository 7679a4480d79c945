"""What a role may do in the organization: ask Organizations, ask about accounts, and enter them as root."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from rootwarden.contract.functions import task_policy_arn
from stacks.configuration.configuration import Configuration
from stacks.constructs.grants import acknowledge, grant, grant_matching

_ANY_ACCOUNT = "Events name accounts of this one organization that cannot be listed beforehand."


def grant_describe_accounts(role: iam.Role, *, configuration: Configuration) -> None:
    """Let `role` look up any account of the organization, and nothing else about it."""
    grant_matching(
        role,
        "DescribeAccounts",
        ["organizations:DescribeAccount"],
        f"organizations::{_accounts(configuration)}",
        because=_ANY_ACCOUNT,
    )


def grant_particulars(role: iam.Role, *, configuration: Configuration) -> None:
    """Let `role` read any account's tags, which name its owner, and what its units are called."""
    grant_matching(
        role,
        "ReadTags",
        ["organizations:ListTagsForResource"],
        f"organizations::{_accounts(configuration)}",
        because=_ANY_ACCOUNT,
    )
    grant_matching(
        role,
        "NameUnits",
        ["organizations:DescribeOrganizationalUnit"],
        f"organizations::{configuration.management_account_id}:ou/{configuration.organization_id}/*",
        because="Accounts stand in units of this one organization that cannot be listed beforehand.",
    )


def grant_list_regions(role: iam.Role, *, configuration: Configuration) -> None:
    """Let `role` ask which Regions an account has opted in to: its own, and those of the organization."""
    partition, members = Stack.of(role).partition, f"account::{_accounts(configuration)}"
    own = f"account::{configuration.hub_account_id}:account"
    grant(
        role, "ListRegions", ["account:ListRegions"], [f"arn:{partition}:{place}" for place in (members, own)]
    )
    acknowledge(
        role,
        f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{members}]",
        "Accounts of this one organization that cannot be listed beforehand are asked about.",
    )


def grant_look_at_targets(role: iam.Role, *, configuration: Configuration) -> None:
    """Let `role` see the targets of its own account's rules, in every Region that may forward."""
    grant_matching(
        role,
        "LookAtTargets",
        ["events:ListTargetsByRule"],
        f"events:*:{configuration.hub_account_id}:rule/*",
        because="A rule that replaced one of ours has a name that is not known beforehand.",
    )


def _accounts(configuration: Configuration) -> str:
    return f"{configuration.management_account_id}:account/{configuration.organization_id}/*"


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
