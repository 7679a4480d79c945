"""Threads of which one runs at a time. Who goes on is chosen by the seed, so every run is the same again."""

import random
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from embedded_aws.clock import VirtualClock

# How often somebody else goes on before a call.
_GIVES_WAY = 0.35


class SharedClock(VirtualClock):
    """Virtual time in which whoever waits lets others go on; see Turns."""

    def __init__(self, start: datetime) -> None:
        """Begin at `start`."""
        super().__init__(start)
        self.turns: Turns | None = None

    def advance(self, seconds: float) -> None:
        """Wait as one of several, or move on at once where nobody else is."""
        if self.turns and self.turns.is_in_actor:
            self.turns.sleep(seconds)
        else:
            super().advance(seconds)

    def shift(self, seconds: float) -> None:
        """Show another time, also an earlier one: a clock that disagrees."""
        if self._traveller and seconds:
            self._traveller.shift(timedelta(seconds=seconds))


def _closed() -> threading.Lock:
    """Return a lock that is taken: who takes it waits until another releases it; faster than a semaphore."""
    lock = threading.Lock()
    lock.acquire()
    return lock


class _Actor:
    """One thread and how it stands."""

    def __init__(self, name: str, work: Callable[[], object], turns: "Turns") -> None:
        self.name = name
        self.wakes_at: datetime | None = None
        self.skew = 0.0
        self.goes_on = _closed()
        self._work, self._turns = work, turns
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self.goes_on.acquire()
        try:
            self._work()
        except BaseException:  # noqa: BLE001 # nothing above a thread would say it
            self._turns.errors.append(f"{self.name}: {traceback.format_exc()}")
        self._turns.ended(self)


class Turns:
    """Gives turns. Only in an actor, a call or a wait hands the turn on."""

    def __init__(self, clock: SharedClock, chance: random.Random) -> None:
        """Choose by `chance`."""
        self._clock, self._chance = clock, chance
        self._actors: list[_Actor] = []
        self._current: _Actor | None = None
        self._main = _closed()
        # Leaves a function's environment while others have their turns.
        self.outside: Callable[[], object] = lambda: None
        self.errors: list[str] = []

    @property
    def is_in_actor(self) -> bool:
        """Whether an actor has the turn."""
        return self._current is not None

    def start(self, name: str, work: Callable[[], object]) -> None:
        """Have something run beside the others."""
        actor = _Actor(name, work, self)
        self._actors.append(actor)
        actor.thread.start()

    def running(self, name: str) -> int:
        """Count the actors of a name."""
        return sum(actor.name == name for actor in self._actors)

    def ready(self) -> list[Callable[[], None]]:
        """Return what gives each actor that can go on its turn."""
        now = self._clock.now()
        return [
            lambda actor=actor: self._give(actor)  # type: ignore[misc]
            for actor in self._actors
            if actor.wakes_at is None or actor.wakes_at <= now
        ]

    def next_wake(self) -> datetime | None:
        """Return when the next actor that waits goes on."""
        return min((actor.wakes_at for actor in self._actors if actor.wakes_at), default=None)

    @contextmanager
    def with_skew(self, seconds: float) -> Iterator[None]:
        """Let the actor's clock disagree with AWS's."""
        actor = self._current
        if actor is None or actor.skew:
            yield
            return
        actor.skew = seconds
        self._clock.shift(seconds)
        try:
            yield
        finally:
            self._clock.shift(-seconds)
            actor.skew = 0.0

    @contextmanager
    def at_aws(self) -> Iterator[None]:
        """Have AWS's own time for as long as a call is with AWS."""
        skew = self._current.skew if self._current else 0.0
        self._clock.shift(-skew)
        try:
            yield
        finally:
            self._clock.shift(skew)

    def give_way(self) -> None:
        """Perhaps let others go on before a call; at AWS's time."""
        if self._current and self._chance.random() < _GIVES_WAY:
            self._hand_on()

    def sleep(self, seconds: float) -> None:
        """Let others go on until this much time has passed."""
        actor = self._current
        if actor is None:
            raise RuntimeError("only an actor waits for its turn")
        with self.at_aws():
            actor.wakes_at = self._clock.now() + timedelta(seconds=max(seconds, 0.0))
            self._hand_on()
            actor.wakes_at = None

    def ended(self, actor: _Actor) -> None:
        """Take an actor off the list and give the turn back."""
        self._actors.remove(actor)
        self._current = None
        self._main.release()

    def _give(self, actor: _Actor) -> None:
        self._current = actor
        actor.goes_on.release()
        self._main.acquire()

    def _hand_on(self) -> None:
        actor = self._current
        if actor is None:
            return
        left = self.outside()
        self._current = None
        self._main.release()
        actor.goes_on.acquire()
        if callable(left):
            left()
