"""rootctl in a terminal: its environment variables and directory, in this process or in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

# If the first command that runs here imported it, its logger would write to what captured that run.
import rootwarden.aws.function  # noqa: F401
from rootctl.app import app

_INSTALLED = Path(sys.executable).with_name("rootctl")
_LONGEST_WAIT = 60


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)


def run_here(*arguments: str, environment: Mapping[str, str], directory: Path) -> Ended:
    """Run a command in this process, which starts in a second less than one of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(directory)
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return Ended(result.exit_code, result.stdout, result.stderr)


def run_installed(*arguments: str, environment: Mapping[str, str], directory: Path) -> Ended:
    """Run the installed command as people do, without a terminal to ask in."""
    ended = subprocess.run(  # noqa: S603 # this project's own command
        [_INSTALLED, *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LONGEST_WAIT,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
