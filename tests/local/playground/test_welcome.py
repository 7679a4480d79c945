"""What the welcome proposes works as it is printed."""

import re
import shlex
from pathlib import Path

import pytest

from tests.local.playground.conftest import Playground, Rootctl
from tests.rootctl.terminal import run_installed

pytestmark = pytest.mark.long

_ASKS = re.compile(r"rootctl (harden|unlock|redrive|drill|recovery (open|close))")


def test_every_command_of_rootctl_is_proposed_and_every_proposal_is_understood(
    playground: Playground, rootctl: Rootctl, tmp_path: Path
) -> None:
    # The playground runs in a checkout, where functions were packed below it.
    (tmp_path / "build").mkdir()
    listed = run_installed("--help", environment={}, directory=tmp_path).out
    commands = set(re.findall(r"^│ ([a-z][a-z-]+) {2,}", listed, re.M))
    proposed = {command.split()[1] for command in playground.commands}
    # Evidence to restore is there only once something was unlocked.
    assert commands - proposed == {"restore"}
    for command in playground.commands:
        asks = ["--yes"] if _ASKS.match(command) and "--dry-run" not in command else []
        if command.startswith("rootctl drill"):
            asks += ["--to", str(tmp_path)]
        ended = rootctl(*shlex.split(command)[1:], *asks)
        assert ended.code in (0, 1, 3), (command, ended.err)
        assert ended.out, (command, ended.err)
