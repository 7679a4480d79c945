"""Where events wait that an account could not send to the hub, until the hub fetches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from stacks.constructs.dead_letter_queue import UndeliveredQueue

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns
    from constructs import Construct

# Fixed, so that the hub finds the queue in every account and Region, and the queue knows who may come.
QUEUE_NAME = "rootwarden-undelivered"
COLLECTOR_ROLE_NAME = "rootwarden-collect-undelivered"


class ForwardingQueue(UndeliveredQueue):
    """Lets one role of the hub take events out, and the hub's operators see how many wait.

    Neither SQS nor EventBridge can do it: SQS moves back only what came from another queue, and PutEvents
    takes no events in AWS's name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        hub_account_id: str,
        alerts: sns.ITopic | None = None,
    ) -> None:
        """Create the queue; `alerts` are those of any dead-letter queue."""
        super().__init__(scope, construct_id, queue_name=QUEUE_NAME, alerts=alerts)
        hub = iam.AccountPrincipal(hub_account_id)
        role = f"arn:{Stack.of(self).partition}:iam::{hub_account_id}:role/{COLLECTOR_ROLE_NAME}"
        self._allow("HubOperators", hub, ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"])
        # A role named as principal must exist already; as a condition it may come later.
        collector = hub.with_conditions({"ArnEquals": {"aws:PrincipalArn": role}})
        self._allow("HubCollector", collector, ["sqs:ReceiveMessage", "sqs:DeleteMessage"])

    def _allow(self, sid: str, principal: iam.IPrincipal, actions: list[str]) -> None:
        self.add_to_resource_policy(
            iam.PolicyStatement(sid=sid, principals=[principal], actions=actions, resources=[self.queue_arn])
        )
