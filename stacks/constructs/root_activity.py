"""Any use of root is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from rootwarden.contract.event_patterns import TAMPERING, root_activity
from rootwarden.contract.watch_patterns import HUB_TOUCHED, WATCH_FORWARDED
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.organization_access import grant_describe_accounts
from stacks.constructs.queued_function import QueuedFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.constructs.foundation import Foundation
    from stacks.constructs.root_sessions import SanctionedSessions


class RootActivity(Construct):
    """Root activity and tampering → queue → assess_root_activity."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the function; which root sessions are ours `sanction` says."""
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        self.queued = queued = QueuedFunction(
            self,
            "AssessRootActivity",
            name="assess_root_activity",
            # Five alerts fit into the time although Organizations hangs at each.
            batch_size=5,
            max_receive_count=5,
            foundation=foundation,
        )
        queued.subscribe(root_activity(read_only_calls=configuration.forward_read_only_calls))
        queued.subscribe(TAMPERING)
        queued.subscribe(WATCH_FORWARDED)
        queued.watch_own_account(HUB_TOUCHED)
        queued.grant_send_later()
        # What an alert depends on is read in one call, and what was found is written in one.
        foundation.state.grant_remember(queued.role, also_many=True)
        foundation.bus.grant_publish_outcomes(queued.role)
        grant_use(foundation.key, queued.role, writes=True)
        grant_describe_accounts(queued.role, configuration=configuration)

    def sanction(self, sessions: Sequence[SanctionedSessions]) -> None:
        """Have the function take these root sessions for ours."""
        self.queued.function.add_settings(own_roles={each.role.role_arn: each.tasks for each in sessions})
