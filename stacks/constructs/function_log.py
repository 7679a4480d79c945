"""A function's log, or a state machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from stacks.constructs.cfn_resource import cfn_resource

if TYPE_CHECKING:
    from constructs import Construct


class FunctionLog(logs.LogGroup):
    """A log group kept for a number of days, gone with the stack."""

    def __init__(
        self, scope: Construct, construct_id: str, *, retention_days: int, name: str | None = None
    ) -> None:
        """Create the group; CloudFormation makes up a name unless one is given."""
        super().__init__(scope, construct_id, log_group_name=name, removal_policy=RemovalPolicy.DESTROY)
        # The construct takes an enumeration only; the configuration holds the number itself.
        cfn_resource(self, logs.CfnLogGroup).retention_in_days = retention_days

    def writing(self) -> iam.PolicyStatement:
        """Return what a function needs to write here; AWS's managed policy would allow any log."""
        return iam.PolicyStatement(
            sid="WriteLog",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[self.log_group_arn],
        )
