"""Reminders that a burst has ended: a message to the function's own queue, delayed until then.

SQS delays a message by at most 15 minutes, which is how long most bursts last. A longer burst gets several.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.burst_grouping import BurstReference
from lambdas.domain.activity.bursts import Burst
from lambdas.domain.activity.outcomes import Actor
from lambdas.domain.event_fields import Fields
from lambdas.domain.outcomes import SOURCE, AccountReference, iso

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

DETAIL_TYPE = "Root Activity Burst Ended"
_LONGEST_DELAY = 900


@dataclass(frozen=True)
class BurstReminders:
    """Sends reminders to one queue."""

    client: "SQSClient"
    queue_url: str
    hub_account_id: AccountId
    clock: Callable[[], datetime]

    def remind(self, reference: BurstReference, burst: Burst) -> None:
        """Have the queue deliver the reference when the burst has ended."""
        wait = int((burst.ends_at - self.clock()).total_seconds())
        body = {
            "id": f"{reference.key}#{iso(burst.opened_at)}",
            "source": SOURCE,
            "detail-type": DETAIL_TYPE,
            "account": self.hub_account_id,
            "region": self.client.meta.region_name,
            "time": iso(self.clock()),
            "detail": {
                "account": reference.account.to_detail(),
                "actor": reference.actor.to_detail(),
                "sourceIp": reference.source_ip,
                "session": reference.session,
                "openedAt": iso(burst.opened_at),
            },
        }
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=json.dumps(body),
            DelaySeconds=max(0, min(wait, _LONGEST_DELAY)),
        )


def read_reminder(detail: Fields) -> tuple[BurstReference, datetime]:
    """Read whose burst has ended and when it was opened; raises MalformedEvent."""
    reference = BurstReference(
        account=AccountReference.from_detail(detail.object("account")),
        actor=Actor.from_detail(detail.object("actor")),
        source_ip=detail.optional_text("sourceIp"),
        session=detail.optional_text("session"),
    )
    return reference, detail.time("openedAt")
