"""What accounts could not send is brought in by each sweep."""

from collections.abc import Sequence

from constructs import Construct

from rootwarden.contract.regions import GLOBAL_SERVICES_REGION
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.evidence_bucket import WORK, EvidenceBucket
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import grant, grant_any_resource, grant_matching
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queues import COLLECTOR_ROLE_NAME, QUEUE_NAME, EventQueue

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
            name="collect_undelivered",
            memory_size=512,
            foundation=foundation,
            # The accounts' queues know the role by this name.
            role_name=configuration.named(COLLECTOR_ROLE_NAME),
            settings={
                "bucket_name": bucket.bucket_name,
                "undelivered_name": configuration.named(QUEUE_NAME),
                "queue_urls": [queue.queue_url for queue in queues],
                "management_regions": list(dict.fromkeys(regions)),
                "threads": _THREADS,
            },
        )
        grant_matching(
            self.own_role,
            "TakeUndelivered",
            ["sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
            f"sqs:*:*:{configuration.named(QUEUE_NAME)}",
            because="One queue of this name in every account and Region; only where its policy lets the"
            " role in can it be read.",
        )
        grant(self.own_role, "SendToFunctions", ["sqs:SendMessage"], [queue.queue_arn for queue in queues])
        grant_any_resource(self.own_role, "ReadRules", ["events:ListRules", "events:ListRuleNamesByTarget"])
        grant_use(foundation.key, self.own_role, writes=True)
        bucket.allow_put(self.own_role, f"{WORK}*")
