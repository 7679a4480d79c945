"""An account that left is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from rootwarden.contract.event_patterns import ACCOUNT_LEFT
from stacks.constructs.organization_access import grant_describe_accounts
from stacks.constructs.queued_function import QueuedFunction, Work

if TYPE_CHECKING:
    from stacks.constructs.foundation import Foundation

_WORK = Work(
    handler="lambdas.forget_account.handler",
    timeout_seconds=30,
    batch_size=5,
    max_receive_count=5,
)


class Leaving(Construct):
    """Account-left events → queue → forget_account."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the function and put account-left events on its queue."""
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        self.work = queued = QueuedFunction(
            self,
            "ForgetAccount",
            work=_WORK,
            foundation=foundation,
            environment={
                "EVENT_BUS_NAME": foundation.bus.event_bus_name,
                "MANAGEMENT_ACCOUNT_ID": configuration.management_account_id,
                "EXEMPTIONS": configuration.exemptions_json(),
            },
        )
        queued.subscribe(ACCOUNT_LEFT)
        foundation.state.grant_forget(queued.role)
        foundation.bus.grant_publish_outcomes(queued.role)
        grant_describe_accounts(queued.role, configuration=configuration)
        foundation.key.grant_use(queued.role, writes=False)
