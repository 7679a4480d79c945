"""An account that is new, or was opened to password recovery, loses its root credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from rootwarden.contract.event_patterns import ACCOUNT_JOINED, RECOVERY_WINDOW_CLOSED
from stacks.constructs.organization_access import grant_describe_accounts
from stacks.constructs.queued_function import QueuedFunction, Work
from stacks.constructs.task_sessions import AUDIT_TASK, DELETE_TASK, grant_root_sessions

if TYPE_CHECKING:
    from stacks.constructs.foundation import Foundation

_WORK = Work(
    handler="lambdas.harden_account.handler",
    timeout_seconds=120,
    batch_size=1,
    max_receive_count=8,
)


class Hardening(Construct):
    """Accounts that joined, windows that closed → queue → harden_account, which enters as root."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the function and put these events on its queue; `sessions` are the ones it may open."""
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        self.work = queued = QueuedFunction(
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
        queued.subscribe((*ACCOUNT_JOINED, RECOVERY_WINDOW_CLOSED))
        foundation.state.grant_remember(self.role)
        foundation.bus.grant_publish_outcomes(self.role)
        foundation.key.grant_use(self.role, writes=False)
        grant_describe_accounts(self.role, configuration=configuration)
        self.sessions = grant_root_sessions(self.role, tasks=[AUDIT_TASK, DELETE_TASK])
