"""The time everything in the embedded AWS lives by: virtual, so that no one waits, or real."""

import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Self
from unittest.mock import patch

import time_machine


class Clock:
    """Real time, for a server that people's own clients talk to."""

    def now(self) -> datetime:
        """Return the present, in UTC."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Let this much time pass."""
        time.sleep(max(0.0, seconds))


class VirtualClock(Clock):
    """Time of the whole process that moves only on request; in force inside a `with` block."""

    def __init__(self, start: datetime) -> None:
        """Begin at `start`, which must carry a time zone."""
        if start.tzinfo is None:
            raise ValueError(f"the start of virtual time needs a time zone: {start.isoformat()}")
        self._travel = time_machine.travel(start, tick=False)
        self._traveller: time_machine.Traveller | None = None
        self._patches = ExitStack()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Take hold of the process's time."""
        self._traveller = self._travel.start()
        # Whoever waits, such as boto3 before it tries again, makes time pass instead.
        self._patches.enter_context(patch("time.sleep", self.advance))
        # time_machine leaves this one to real time; who measures by it must see the waiting.
        self._patches.enter_context(patch("time.monotonic", time.time))
        return self

    def __exit__(self, *_: object) -> None:
        """Give real time back."""
        self._patches.close()
        self._traveller = None
        self._travel.stop()

    def advance(self, seconds: float) -> None:
        """Move on at once; time never runs backwards."""
        if self._traveller is None:
            raise RuntimeError("virtual time moves only inside `with clock:`")
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} seconds")
        with self._lock:
            self._traveller.shift(timedelta(seconds=seconds))
