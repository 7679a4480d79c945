"""Doing many things at once, so that Ctrl-C ends it with a truthful account of what was done.

The first Ctrl-C begins nothing new and waits for what was begun; the second does not wait.
"""

import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from rootctl.output import beside_results, print_whole, progress

T = TypeVar("T", bound=Hashable)
R = TypeVar("R")

# Python may miss a Ctrl-C that comes just as it begins to wait; it sees it at the next look.
_SECONDS_BETWEEN_LOOKS = 0.2
_STOPPING = "Interrupted: finishing what was begun. Press Ctrl-C again to leave it unfinished."


@dataclass(frozen=True, kw_only=True)
class Results(Generic[T, R]):
    """What became of the things, each in the order they were given.

    unfinished: begun and not waited for, so it is not known what was done. not_begun: nothing was done.
    is_interrupted: by Ctrl-C, also where all was done nevertheless.
    """

    done: dict[T, R]
    unfinished: tuple[T, ...] = ()
    not_begun: tuple[T, ...] = ()
    is_interrupted: bool = False

    @property
    def left_out(self) -> tuple[T, ...]:
        """The things that were not done, or perhaps not."""
        return self.unfinished + self.not_begun

    def seen(self) -> dict[T, R]:
        """Return what a look saw; raises KeyboardInterrupt where it was interrupted: nothing follows."""
        if self.is_interrupted:
            raise KeyboardInterrupt("Nothing was changed.")
        return self.done


def at_once(things: Iterable[T], act: Callable[[T], R], *, threads: int, description: str) -> Results[T, R]:
    """Do the things behind a progress bar.

    What an act raises is raised here once what was begun has ended; nothing new is begun meanwhile.
    """
    futures: dict[T, Future[R]] = {thing: Future() for thing in things}
    waiting: SimpleQueue[tuple[T, Future[R]]] = SimpleQueue()
    for each in futures.items():
        waiting.put(each)
    with progress(len(futures), description) as advance:
        for future in futures.values():
            future.add_done_callback(lambda _: advance())
        # A daemon: nothing keeps the process from ending when a second Ctrl-C does not wait.
        workers = [
            threading.Thread(target=_take_turns, args=(waiting, act), daemon=True)
            for _ in range(min(threads, len(futures)))
        ]
        is_interrupted = _work(workers, futures.values())
    for future in filter(_is_done, futures.values()):
        error = future.exception()
        if error:
            raise error
    return Results(
        done={thing: future.result() for thing, future in futures.items() if _is_done(future)},
        unfinished=tuple(thing for thing, future in futures.items() if future.running()),
        not_begun=tuple(thing for thing, future in futures.items() if future.cancelled()),
        is_interrupted=is_interrupted,
    )


def _take_turns(waiting: "SimpleQueue[tuple[T, Future[R]]]", act: Callable[[T], R]) -> None:
    while True:
        try:
            thing, future = waiting.get_nowait()
        except Empty:
            return
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(act(thing))
            except Exception as error:  # noqa: BLE001 - raised again by the one who waits
                future.set_exception(error)


def _is_done(future: "Future[R]") -> bool:
    return future.done() and not future.cancelled()


def _work(workers: Iterable[threading.Thread], futures: Iterable["Future[R]"]) -> bool:
    """Let the workers work; returns whether Ctrl-C ended it."""
    try:
        # Inside: what the first worker does may bring a Ctrl-C before the last one has started.
        for worker in workers:
            worker.start()
        _wait_for_all(futures)
    except KeyboardInterrupt:
        with suppress(KeyboardInterrupt):
            _cancel(futures)
            print_whole(beside_results(), _STOPPING)
            _wait_for_all(futures)
        return True
    return False


def _wait_for_all(futures: Iterable["Future[R]"]) -> None:
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_EXCEPTION)
        if any(_is_done(future) and future.exception() for future in done):
            _cancel(pending)


def _cancel(futures: Iterable["Future[R]"]) -> None:
    for future in futures:
        future.cancel()
