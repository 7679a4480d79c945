"""Copies of this process: each goes on from where it was made, and what it does stays with it."""

import gc
import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

# How the result of a copy begins that did not come to its end.
ERROR = "error: "


class Copies:
    """Makes copies, a few at a time. Each leaves what it found out in a file, which its maker reads."""

    def __init__(self, directory: Path, *, at_once: int, longest: int = 0) -> None:
        """Keep results in a directory of its own. longest: seconds after which a copy is ended; 0: never."""
        self._longest = longest
        self._directory = directory
        self._at_once = at_once
        self._running: dict[int, int] = {}
        self._number: int | None = None
        self.made = 0
        self.failed: dict[int, str] = {}

    @property
    def is_copy(self) -> bool:
        """Whether this process is one."""
        return self._number is not None

    def copy(self) -> bool:
        """Make one, as soon as few enough are running; returns True in the copy."""
        while len(self._running) >= self._at_once:
            self._wait_for_one()
        self.made += 1
        process = os.fork()
        if process:
            self._running[process] = self.made
            return False
        self._number, self._running = self.made, {}
        # A copy ends soon, and its memory with it.
        gc.disable()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.alarm(self._longest)
        return True

    def end(self, result: Callable[[], str]) -> None:
        """End a copy with its result; does nothing in the process that made it."""
        if self._number is None:
            return
        try:
            text = result()
        except BaseException:  # noqa: BLE001 # there is nobody further up: the maker reads it
            text = f"{ERROR}{traceback.format_exc()}"
        if text:
            (self._directory / str(self._number)).write_text(text, encoding="utf-8")
        os._exit(0)

    def results(self) -> dict[int, str]:
        """Wait for all, and return what each left, by number from 1, where it left something."""
        while self._running:
            self._wait_for_one()
        found = {int(path.name): path.read_text("utf-8") for path in self._directory.iterdir()}
        return {**found, **self.failed}

    def _wait_for_one(self) -> None:
        process, status = os.wait()
        number = self._running.pop(process)
        if status:
            self.failed[number] = f"{ERROR}the run's process ended with status {status}"
