"""Stacks that wait until something happens in their account and Region: most Regions stay quiet for ever."""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from local.deployment.cloud_assembly import StackArtifact

_NO_EVENT_NEEDED = frozenset(
    {
        "AWS::Events::Rule",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
    }
)
Deploy = Callable[[StackArtifact, Mapping[str, object]], None]


class PutOffStacks:
    """What AWS would have deployed already: nothing can tell, because every call and event comes by first."""

    def __init__(self, deploy: Deploy, *, at_once: Collection[str]) -> None:
        """Put off nothing in the Regions `at_once`."""
        self._deploy = deploy
        self._at_once = frozenset(at_once)
        self._waiting: dict[tuple[str, str], list[tuple[StackArtifact, Mapping[str, object]]]]
        self._waiting = defaultdict(list)
        self._lock = threading.RLock()
        self._deploying: ContextVar[bool] = ContextVar("deploying", default=False)
        self.is_used = True

    @property
    def is_deploying(self) -> bool:
        """Whether the calls of this thread belong to a deployment that should have been over."""
        return self._deploying.get()

    def takes(self, stack: StackArtifact, parameters: Mapping[str, object]) -> bool:
        """Put a stack off, if nothing but rules of its own Region can depend on it."""
        kinds = {resource["Type"] for resource in stack.template.get("Resources", {}).values()}
        can_wait = stack.region not in self._at_once and kinds <= _NO_EVENT_NEEDED
        if self.is_used and can_wait and not stack.template.get("Outputs"):
            self._waiting[stack.account, stack.region].append((stack, parameters))
            return True
        return False

    def reach(self, account: str, region: str) -> None:
        """Deploy what waits in an account and Region, before anything else happens there."""
        with self._lock:
            waiting = self._waiting.pop((account, region), ())
            with self._unseen():
                for stack, parameters in waiting:
                    self._deploy(stack, parameters)

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        token = self._deploying.set(True)
        try:
            yield
        finally:
            self._deploying.reset(token)
