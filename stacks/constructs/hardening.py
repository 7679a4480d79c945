"""A new account loses its root credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.organization_access import grant_describe_accounts
from stacks.constructs.queued_function import QueuedFunction, Work
from stacks.event_patterns import ACCOUNT_JOINED

if TYPE_CHECKING:
    from stacks.constructs.foundation import Foundation

_WORK = Work(
    handler="lambdas.handlers.harden_account.handler",
    timeout_seconds=120,
    batch_size=1,
    max_receive_count=8,
)
_TASK_POLICIES = ("IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials")


class Hardening(Construct):
    """Account-joined events → queue → harden_account, which alone may enter accounts as root."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the function and put account-joined events on its queue."""
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        queued = QueuedFunction(
            self,
            "HardenAccount",
            work=_WORK,
            foundation=foundation,
            environment={
                "EVENT_BUS_NAME": foundation.bus.event_bus_name,
                "MANAGEMENT_ACCOUNT_ID": configuration.management_account_id,
                "ORGANIZATION_ID": configuration.organization_id,
                "EXEMPTIONS": configuration.exemptions_json(),
                "REMOVE_RECENTLY_USED_KEYS": str(configuration.remove_recently_used_keys).lower(),
            },
        )
        self.role = queued.role
        queued.subscribe(ACCOUNT_JOINED)
        foundation.state.grant_remember(self.role)
        foundation.bus.grant_publish_outcomes(self.role)
        foundation.key.grant_use(self.role, writes=False)
        grant_describe_accounts(self.role, configuration=configuration)
        self._grant_assume_root()

    def _grant_assume_root(self) -> None:
        partition = Stack.of(self).partition
        self.role.add_to_policy(
            iam.PolicyStatement(
                sid="RootSessions",
                actions=["sts:AssumeRoot"],
                resources=[f"arn:{partition}:iam::*:root"],
                conditions={
                    "StringEquals": {
                        "sts:TaskPolicyArn": [
                            f"arn:{partition}:iam::aws:policy/root-task/{name}" for name in _TASK_POLICIES
                        ]
                    }
                },
            )
        )
        Validations.of(self.role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:root]",
                reason="Accounts not yet created are its purpose; AWS admits only members of the"
                " organization, and the condition only auditing and deleting root credentials.",
            )
        )
