"""What a function may ask AWS Organizations, and AWS of the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.config import Configuration


def grant_describe_accounts(role: iam.Role, *, configuration: Configuration) -> None:
    """Let `role` look up any account of the organization, and nothing else about it."""
    management, organization = configuration.management_account_id, configuration.organization_id
    account_arns = f"organizations::{management}:account/{organization}/*"
    role.add_to_policy(
        iam.PolicyStatement(
            sid="DescribeAccounts",
            actions=["organizations:DescribeAccount"],
            resources=[f"arn:{Stack.of(role).partition}:{account_arns}"],
        )
    )
    Validations.of(role).acknowledge(
        Acknowledgment(
            id=f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{account_arns}]",
            reason="Events name accounts of this one organization that cannot be listed beforehand.",
        )
    )


def grant_list_regions(role: iam.Role, *, configuration: Configuration) -> None:
    """Let `role` ask which Regions an account has opted in to: its own, and those of the organization."""
    management, organization = configuration.management_account_id, configuration.organization_id
    members = f"account::{management}:account/{organization}/*"
    partition = Stack.of(role).partition
    role.add_to_policy(
        iam.PolicyStatement(
            sid="ListRegions",
            actions=["account:ListRegions"],
            resources=[
                f"arn:{partition}:{members}",
                f"arn:{partition}:account::{configuration.hub_account_id}:account",
            ],
        )
    )
    Validations.of(role).acknowledge(
        Acknowledgment(
            id=f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{members}]",
            reason="Accounts of this one organization that cannot be listed beforehand are asked about.",
        )
    )


def grant_look_at_targets(role: iam.Role, *, configuration: Configuration) -> None:
    """Let `role` see the targets of its own account's rules, in every Region that may forward."""
    rules = f"events:*:{configuration.hub_account_id}:rule/*"
    role.add_to_policy(
        iam.PolicyStatement(
            sid="LookAtTargets",
            actions=["events:ListTargetsByRule"],
            resources=[f"arn:{Stack.of(role).partition}:{rules}"],
        )
    )
    Validations.of(role).acknowledge(
        Acknowledgment(
            id=f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{rules}]",
            reason="A rule that replaced one of ours has a name that is not known beforehand.",
        )
    )


def grant_any_resource(role: iam.Role, sid: str, actions: Sequence[str]) -> None:
    """Let `role` do what AWS lets nobody narrow down to a resource."""
    role.add_to_policy(iam.PolicyStatement(sid=sid, actions=list(actions), resources=["*"]))
    Validations.of(role).acknowledge(
        Acknowledgment(
            id="AwsSolutions-IAM5[Resource::*]",
            reason=f"AWS defines no resource for {', '.join(actions)}.",
        )
    )
