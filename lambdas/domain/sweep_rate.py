"""How fast a worker may ask: its share of a quota that others live on as well."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class RateLimiter:
    """Gives out evenly spaced turns to any number of threads.

    burst: how many turns that nobody took are kept for later, so that a late thread costs no throughput.
    """

    per_second: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    burst: int = 1
    _next: float = field(default=0.0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def wait(self) -> None:
        """Return when it is this thread's turn."""
        now = self.clock()
        with self._lock:
            turn = max(self._next, now - (self.burst - 1) / self.per_second)
            self._next = turn + 1 / self.per_second
        if turn > now:
            self.sleep(turn - now)
