"""What accounts could not send is brought in by each sweep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Duration, Stack, Validations
from aws_cdk import aws_iam as iam

from rootwarden.contract.regions import GLOBAL_SERVICES_REGION
from stacks.constructs.evidence_bucket import WORK
from stacks.constructs.organization_access import grant_any_resource
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queues import COLLECTOR_ROLE_NAME, QUEUE_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from stacks.constructs.evidence_bucket import EvidenceBucket
    from stacks.constructs.foundation import Foundation
    from stacks.constructs.queues import EventQueue

_THREADS = 16


class CollectUndelivered(PythonFunction):
    """Takes events out of accounts' own queues, and puts them on the queues of the hub's functions."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        bucket: EvidenceBucket,
        queues: Sequence[EventQueue],
    ) -> None:
        """Create the function; `queues` are those that rules on other accounts' events aim at."""
        configuration = foundation.configuration
        regions = (GLOBAL_SERVICES_REGION, *configuration.other_management_regions)
        super().__init__(
            scope,
            construct_id,
            handler="lambdas.collect_undelivered.handler",
            environment={
                "BUCKET_NAME": bucket.bucket_name,
                "EVENT_BUS_NAME": foundation.bus.event_bus_name,
                "MANAGEMENT_ACCOUNT_ID": configuration.management_account_id,
                "UNDELIVERED_NAME": QUEUE_NAME,
                "QUEUE_URLS": Stack.of(scope).to_json_string([queue.queue_url for queue in queues]),
                "FORWARDING_REGIONS": json.dumps(list(configuration.forwarding_regions)),
                "MANAGEMENT_REGIONS": json.dumps(list(dict.fromkeys(regions))),
                "THREADS": str(_THREADS),
            },
            # The batch's audit waits for it; what there is no time for comes with the next sweep.
            timeout=Duration.seconds(60),
            memory_size=512,
            foundation=foundation,
            # The accounts' queues know the role by this name.
            role_name=COLLECTOR_ROLE_NAME,
        )
        self._grant_everywhere()
        self._grant_sending(queues)
        grant_any_resource(self.own_role, "ReadRules", ["events:ListRules", "events:ListRuleNamesByTarget"])
        foundation.key.grant_use(self.own_role, writes=True)
        bucket.allow_put(self.own_role, f"{WORK}*")

    def _grant_everywhere(self) -> None:
        place = f"sqs:*:*:{QUEUE_NAME}"
        self.own_role.add_to_policy(
            iam.PolicyStatement(
                sid="TakeUndelivered",
                actions=["sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
                resources=[f"arn:{Stack.of(self).partition}:{place}"],
            )
        )
        Validations.of(self.own_role).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{place}]",
                reason="One queue of this name in every account and Region; only where its policy lets the"
                " role in can it be read.",
            )
        )

    def _grant_sending(self, queues: Sequence[EventQueue]) -> None:
        self.own_role.add_to_policy(
            iam.PolicyStatement(
                sid="SendToFunctions",
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn for queue in queues],
            )
        )
