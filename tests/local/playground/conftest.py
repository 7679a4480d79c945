"""The playground in a process of its own, and rootctl beside it."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.commands.playground import ORGANIZATION
from local.organization import Organization, load_organization
from local.scenarios.locks import LOCKED_REGION
from local.scenarios.populated import exempting
from local.synthesis import PROJECT
from tests.rootctl.terminal import Ended, run_here

LONGEST_WAIT = 300
_READY = "What happens is printed here"


class Playground:
    """`python -m local playground`, everything it prints, and the terminal it describes."""

    def __init__(self, assembly: Path) -> None:
        self._printed = ""
        self._changed = threading.Condition()
        self.process = subprocess.Popen(  # noqa: S603 # this project's own command
            [sys.executable, "-m", "local", "playground", "--port", "0", "--assembly", assembly],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.welcome = self.wait_for(_READY)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._changed:
                self._printed += line
                self._changed.notify_all()

    def wait_for(self, text: str) -> str:
        """Wait until it has printed a text; return everything it printed."""
        with self._changed:
            if not self._changed.wait_for(lambda: text in self._printed, timeout=LONGEST_WAIT):
                pytest.fail(f"{text!r} was not printed; this was:\n{self._printed}")
            return self._printed

    @property
    def environment(self) -> dict[str, str]:
        """What the welcome tells the second terminal to export."""
        exported = dict(re.findall(r'^  export (\w+)="(.*)"$', self.welcome, re.M))
        del exported["PATH"]
        return exported

    @property
    def commands(self) -> list[str]:
        """What the welcome proposes to try."""
        return [line.strip() for line in re.findall(r"^  (rootctl .*?)(?:  #.*)?$", self.welcome, re.M)]

    def close(self) -> None:
        """Press Ctrl-C, as people do."""
        self.process.send_signal(signal.SIGINT)
        self.wait_for("Stopped.")
        assert self.process.wait(timeout=LONGEST_WAIT) == 0
        self._reader.join()


Rootctl = Callable[..., Ended]


@pytest.fixture(scope="package")
def playground_organization() -> Organization:
    """The playground's own, forwarding from fewer Regions than a sweep takes half a minute for."""
    own = exempting(load_organization(ORGANIZATION), datetime.now(UTC).date())
    regions = {"forwarding_regions": ["us-east-1", LOCKED_REGION]}
    return replace(own, configuration={**own.configuration, **regions})


@pytest.fixture(scope="package")
def playground(
    playground_organization: Organization, assembly_of: Callable[[Organization], Path]
) -> Iterator[Playground]:
    playground = Playground(assembly_of(playground_organization))
    yield playground
    playground.close()


@pytest.fixture
def rootctl(playground: Playground, tmp_path: Path) -> Rootctl:
    """Run a command somewhere else than in the checkout."""

    def run(*arguments: str, **environment: str) -> Ended:
        return run_here(*arguments, environment={**playground.environment, **environment}, directory=tmp_path)

    return run
