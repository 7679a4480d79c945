"""Bucket and queue policies that lock everybody out are removed or put back, in root sessions."""

from constructs import Construct

from rootwarden.contract.functions import UNLOCK_BUCKET, UNLOCK_QUEUE
from stacks.constructs.evidence_bucket import UNLOCKS, EvidenceBucket
from stacks.constructs.foundation import Foundation
from stacks.constructs.organization_access import (
    SanctionedSessions,
    grant_describe_accounts,
    grant_root_sessions,
)
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.regular_look import RegularLook


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
        self.unlock_bucket = self._function("UnlockBucket", "unlock_bucket", UNLOCK_BUCKET)
        self.unlock_queue = self._function("UnlockQueue", "unlock_queue", UNLOCK_QUEUE)
        self.functions = [self.unlock_bucket, self.unlock_queue]

    def _function(self, construct_id: str, name: str, task: str) -> PythonFunction:
        foundation = self._foundation
        function = PythonFunction(
            self,
            construct_id,
            name=name,
            memory_size=512,
            foundation=foundation,
            settings={"bucket_name": self._bucket.bucket_name},
        )
        role = function.own_role
        self.sessions.append(grant_root_sessions(role, tasks=[task]))
        grant_describe_accounts(role, configuration=foundation.configuration)
        foundation.state.grant_remember(role)
        foundation.bus.grant_publish_outcomes(role)
        self._bucket.allow_put(role, f"{UNLOCKS}*")
        self._bucket.allow_get(role, f"{UNLOCKS}*")
        RegularLook(
            self,
            f"{construct_id}Begun",
            function=function,
            event={"begun": True},
            what_for="announces changes of policies whose function stopped before it could",
        )
        return function
