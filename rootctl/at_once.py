"""Working on many things at once, so that Ctrl-C ends it with a truthful account of what was done.

The first Ctrl-C begins nothing new and waits for what was begun; the second does not wait.
"""

import queue
import threading
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rootctl.terminal import beside_results, progress

T = TypeVar("T", bound=Hashable)
R = TypeVar("R")

# Python may miss a Ctrl-C that comes just as it begins to wait; it sees it whenever it looks up.
_LOOK_UP = 0.2
_STOPPING = "Interrupted: finishing what was begun. Press Ctrl-C again to leave it unfinished."


@dataclass(frozen=True, kw_only=True)
class Harvest(Generic[T, R]):
    """What became of the things, each in the order they were given.

    left: nobody waited for their end, so it is not known what was done. not_begun: nothing was done.
    """

    done: dict[T, R]
    left: tuple[T, ...] = ()
    not_begun: tuple[T, ...] = ()

    @property
    def is_interrupted(self) -> bool:
        """Whether there is anything that was not done."""
        return bool(self.left or self.not_begun)


def at_once(things: Iterable[T], work: Callable[[T], R], *, threads: int, description: str) -> Harvest[T, R]:
    """Work on the things behind a progress bar.

    What the work raises is raised here once what was begun has ended; nothing new is begun meanwhile.
    """
    given = tuple(dict.fromkeys(things))
    with progress(len(given), description) as advance:
        crew = _Crew(work=work, total=len(given), advance=advance)
        crew.work_through(given, threads)
    if crew.errors:
        raise crew.errors[0]
    begun = frozenset(crew.begun)
    return Harvest(
        done={thing: crew.done[thing] for thing in given if thing in crew.done},
        left=tuple(thing for thing in given if thing in begun and thing not in crew.done),
        not_begun=tuple(thing for thing in given if thing not in begun),
    )


@dataclass(kw_only=True)
class _Crew(Generic[T, R]):
    """What the threads share, and what the one that waits gathers: done and errors."""

    work: Callable[[T], R]
    total: int
    advance: Callable[[], None]
    waiting: "queue.SimpleQueue[T]" = field(default_factory=queue.SimpleQueue)
    ended: "queue.SimpleQueue[tuple[T, R | Exception]]" = field(default_factory=queue.SimpleQueue)
    begun: set[T] = field(default_factory=set)
    done: dict[T, R] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    is_stopping: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)

    def work_through(self, things: Iterable[T], threads: int) -> None:
        """Return when everything was worked on, or nobody waits any more."""
        for thing in things:
            self.waiting.put(thing)
        try:
            for _ in range(min(threads, self.total)):
                # Nothing keeps the process from ending once nobody waits any more.
                threading.Thread(target=self._take_turns, daemon=True).start()
            self._gather()
        except KeyboardInterrupt:
            with suppress(KeyboardInterrupt):
                self._stop()
                beside_results().print(_STOPPING)
                self._gather()

    def _take_turns(self) -> None:
        while (thing := self._next()) is not None:
            try:
                self.ended.put((thing, self.work(thing)))
            except Exception as error:  # noqa: BLE001 - raised again where somebody waits
                self.ended.put((thing, error))

    def _next(self) -> T | None:
        with self.turn:
            if self.is_stopping:
                return None
            try:
                thing = self.waiting.get_nowait()
            except queue.Empty:
                return None
            self.begun.add(thing)
            return thing

    def _stop(self) -> None:
        self.is_stopping = True
        with self.turn:
            # Whoever was just taking a turn has put it down by now.
            pass

    def _gather(self) -> None:
        while len(self.done) + len(self.errors) < (len(self.begun) if self.is_stopping else self.total):
            try:
                thing, result = self.ended.get(timeout=_LOOK_UP)
            except queue.Empty:
                continue
            if isinstance(result, Exception):
                self.errors.append(result)
                self._stop()
            else:
                self.done[thing] = result
                self.advance()
