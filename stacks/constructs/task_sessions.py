"""Bucket and queue policies that lock their account out are repaired on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from stacks.constructs.evidence_bucket import UNLOCKS
from stacks.constructs.organization_access import grant_describe_accounts
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.root_session_access import UNLOCK_BUCKET_TASK, UNLOCK_QUEUE_TASK, grant_root_sessions

if TYPE_CHECKING:
    from stacks.constructs.evidence_bucket import EvidenceBucket
    from stacks.constructs.foundation import Foundation
    from stacks.constructs.root_session_access import SanctionedSessions

# A root session lasts two minutes; finding a queue in every Region comes before reading its policy back.
_TIMEOUT = Duration.seconds(150)


class TaskSessions(Construct):
    """unlock_bucket and unlock_queue: asked by an operator, each in root sessions for its one task."""

    def __init__(
        self, scope: Construct, construct_id: str, *, foundation: Foundation, bucket: EvidenceBucket
    ) -> None:
        """Create the functions, which keep policies in `bucket`; `sessions` are the ones they may open."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        self._bucket = bucket
        self.sessions: list[SanctionedSessions] = []
        self.unlock_bucket = self._function("UnlockBucket", "unlock_bucket", UNLOCK_BUCKET_TASK)
        self.unlock_queue = self._function("UnlockQueue", "unlock_queue", UNLOCK_QUEUE_TASK)
        self.functions = [self.unlock_bucket, self.unlock_queue]

    def _function(self, construct_id: str, module: str, task: str) -> PythonFunction:
        foundation, configuration = self._foundation, self._foundation.configuration
        function = PythonFunction(
            self,
            construct_id,
            handler=f"lambdas.handlers.{module}.handler",
            environment={
                "STATE_TABLE_NAME": foundation.state.table_name,
                "EVENT_BUS_NAME": foundation.bus.event_bus_name,
                "MANAGEMENT_ACCOUNT_ID": configuration.management_account_id,
                "ORGANIZATION_ID": configuration.organization_id,
                "BUCKET_NAME": self._bucket.bucket_name,
            },
            timeout=_TIMEOUT,
            memory_size=512,
            foundation=foundation,
        )
        role = function.own_role
        self.sessions.append(grant_root_sessions(role, tasks=[task]))
        grant_describe_accounts(role, configuration=configuration)
        foundation.state.grant_register(role)
        foundation.bus.grant_publish_outcomes(role)
        self._bucket.allow_put(role, f"{UNLOCKS}*")
        self._bucket.allow_get(role, f"{UNLOCKS}*")
        return function
