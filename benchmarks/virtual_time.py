"""Time that passes only when something waits: the earliest of all who wait goes on, one at a time."""

import heapq
import itertools
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Self
from unittest.mock import patch

import time_machine

_START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class VirtualTime:
    """A clock for the whole process, and the order in which threads of `Worker` take turns.

    Only one thread runs at any moment, so that what is not made for threads needs no locks.
    """

    def __init__(self) -> None:
        """Begin at second 0, which is a day in 2026."""
        self.now = 0.0
        self._waiting: list[tuple[float, int, Callable[[], None] | Worker]] = []
        self._order = itertools.count()
        self._turn = _closed()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Take hold of the process's time."""
        self._traveller = self._stack.enter_context(time_machine.travel(_START, tick=False))
        self._stack.enter_context(patch("time.sleep", self.wait))
        return self

    def __exit__(self, *_: object) -> None:
        """Give real time back."""
        self._stack.close()

    def call_at(self, time: float, do: Callable[[], None]) -> None:
        """Have something done at a time."""
        heapq.heappush(self._waiting, (max(time, self.now), next(self._order), do))

    def wait(self, seconds: float) -> None:
        """Let time pass for the worker whose thread this is; others go on meanwhile."""
        until = self.now + seconds
        if not self._waiting or self._waiting[0][0] >= until:
            self._move_to(until)
            return
        worker = current_worker()
        heapq.heappush(self._waiting, (until, next(self._order), worker))
        self._turn.release()
        worker.go.acquire()

    def resume(self, worker: "Worker") -> None:
        """Let a worker run until it waits for somebody, or has nothing to do."""
        worker.go.release()
        self._turn.acquire()
        if worker.error:
            raise worker.error

    def end_turn(self) -> None:
        """Say, as a worker, that there is nothing to do."""
        self._turn.release()

    def run(self) -> None:
        """Let time pass until nobody waits."""
        while self._waiting:
            time, _, who = heapq.heappop(self._waiting)
            self._move_to(time)
            if isinstance(who, Worker):
                self.resume(who)
            else:
                who()

    def _move_to(self, time: float) -> None:
        if time > self.now:
            self._traveller.shift(time - self.now)
            self.now = time


def _closed() -> threading.Lock:
    """Return a gate that opens for one at a time: whoever waits acquires it, whoever else releases it."""
    gate = threading.Lock()
    gate.acquire()
    return gate


class Worker(threading.Thread):
    """A thread that does one job after the other, in virtual time."""

    def __init__(self, time: VirtualTime) -> None:
        """Begin without a job."""
        super().__init__(daemon=True)
        self.go = _closed()
        self.error: BaseException | None = None
        self._time = time
        self._job: Callable[[], None] = lambda: None
        self.start()

    def do(self, job: Callable[[], None]) -> None:
        """Begin a job now."""
        self._job = job
        self._time.call_at(self._time.now, lambda: self._time.resume(self))

    def run(self) -> None:
        """Do the jobs."""
        while True:
            self.go.acquire()
            try:
                self._job()
            except BaseException as error:  # noqa: BLE001 - whoever runs the simulation raises it
                self.error = error
            self._time.end_turn()


def current_worker() -> Worker:
    """Return the worker whose thread this is."""
    worker = threading.current_thread()
    if not isinstance(worker, Worker):
        raise RuntimeError("only a worker waits while others go on")  # noqa: TRY004 - no argument is wrong
    return worker
