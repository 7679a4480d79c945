"""Any use of root is judged."""

from collections.abc import Sequence

from constructs import Construct

from rootwarden.contract.event_patterns import (
    ASSUME_ROOT_REFUSED,
    ROOT_SESSIONS_NOT_RECORDED,
    TAMPERING,
    root_activity_in_hub,
)
from rootwarden.contract.watch_patterns import HUB_WATCH, WATCH_FORWARDED
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.foundation import Foundation
from stacks.constructs.organization_access import SanctionedSessions, grant_describe_accounts
from stacks.constructs.queued_function import Inbox, QueuedFunction

_FUNCTION = "assess_root_activity"
# Five alerts fit into the time although Organizations hangs at each.
_BATCH_SIZE = 5
_MAX_RECEIVE_COUNT = 5
# Enough to work off 100,000 refusals in minutes; few enough to leave the account's functions their turn.
_REFUSALS_AT_ONCE = 5


class RootActivity(Construct):
    """Root activity and tampering → queue → assess_root_activity.

    Refused root sessions, which anybody in a member account can cause at will, wait in a queue of their own.
    """

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the function; which root sessions are ours `sanction` says."""
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        self.queued = queued = QueuedFunction(
            self,
            "AssessRootActivity",
            name=_FUNCTION,
            batch_size=_BATCH_SIZE,
            max_receive_count=_MAX_RECEIVE_COUNT,
            foundation=foundation,
        )
        self.refused_sessions = self._refused_sessions(foundation)
        queued.subscribe(root_activity_in_hub(read_only_calls=configuration.forward_read_only_calls))
        queued.subscribe(TAMPERING)
        queued.subscribe(WATCH_FORWARDED)
        queued.subscribe([ROOT_SESSIONS_NOT_RECORDED])
        for pattern in HUB_WATCH:
            queued.watch_own_account(pattern)
        queued.grant_send_later()
        # What an alert depends on is read in one call, and what was found is written in one.
        foundation.state.grant_remember(queued.role, also_many=True)
        foundation.bus.grant_publish_outcomes(queued.role)
        grant_use(foundation.key, queued.role, writes=True)
        grant_describe_accounts(queued.role, configuration=configuration)

    @property
    def inboxes(self) -> tuple[Inbox, ...]:
        """The queues of all that is judged, with their rules."""
        return (self.queued, self.refused_sessions)

    def _refused_sessions(self, foundation: Foundation) -> Inbox:
        inbox = Inbox(
            self,
            "RefusedSessions",
            name=_FUNCTION,
            max_receive_count=_MAX_RECEIVE_COUNT,
            foundation=foundation,
        )
        inbox.subscribe([ASSUME_ROOT_REFUSED])
        self.queued.consume(inbox, batch_size=_BATCH_SIZE, max_concurrency=_REFUSALS_AT_ONCE)
        self.queued.function.add_settings(refused_sessions_queue_url=inbox.queue.queue_url)
        return inbox

    def sanction(self, sessions: Sequence[SanctionedSessions]) -> None:
        """Have the function take these root sessions for ours."""
        self.queued.function.add_settings(own_roles={each.role.role_arn: each.tasks for each in sessions})
