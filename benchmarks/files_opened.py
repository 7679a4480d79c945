"""How many of our files a flow goes through: what a reader must open to follow it to its end.

python -m benchmarks.files_opened [--list] [--assembly DIRECTORY]

Each flow runs on the embedded AWS, as deployed. A file counts when a function in it runs in the flow; what
runs while modules are imported does not count, nor does what only holds data.
"""

import argparse
import ast
import inspect
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.commands.demo import ORGANIZATION
from local.commands.running import running
from local.organization import load_organization
from local.scenarios.locks import LOCKED_BUCKET, lock
from local.scenarios.scenario import Scenario
from local.scenarios.sweeping import Sweeping
from rootctl.app import app

PROJECT = Path(__file__).resolve().parents[1]
IMPORTS_AIM = 18
_FUNCTIONS = ("lambdas", "rootwarden")
_COMMAND_LINE = (*_FUNCTIONS, "rootctl")
_NEW = Account(id="999900001111", name="data-lake", root=RootCredentials(password=True, access_keys=1))
_MEMBER = "333344445555"
_LONGER_THAN_FUNCTIONS_LIVE = 13 * 3600


class FilesOpened:
    """Notes the files below some directories in which functions run, while it watches."""

    def __init__(self, *directories: Path) -> None:
        """Watch nothing yet."""
        self._directories = tuple(f"{directory}{os.sep}" for directory in directories)
        self._is_watching = False
        self.files: set[str] = set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch everything that runs, in threads begun meanwhile as well."""
        self._is_watching = True
        with self._profiling(self._note):
            yield

    @contextmanager
    def watching_function(self, file: Path, name: str) -> Iterator[None]:
        """Watch whenever the function of this name in this file runs, until it returns."""
        entry = str(file)

        def note(frame: FrameType, event: str, argument: Any) -> None:
            code = frame.f_code
            is_entry = event in {"call", "return"} and code.co_name == name and code.co_filename == entry
            if is_entry:
                self._is_watching = event == "call"
            self._note(frame, event, argument)

        with self._profiling(note):
            yield

    @contextmanager
    def _profiling(self, note: Callable[[FrameType, str, Any], None]) -> Iterator[None]:
        threading.setprofile(note)
        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            self._is_watching = False

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or not self._is_watching:
            return
        code = frame.f_code
        is_ours = code.co_filename.startswith(self._directories) and code.co_filename not in self.files
        if is_ours and code.co_flags & inspect.CO_NEWLOCALS and not _is_importing(frame):
            self.files.add(code.co_filename)


def _is_importing(frame: FrameType) -> bool:
    caller: FrameType | None = frame
    while caller is not None:
        if caller.f_code.co_filename.startswith("<frozen importlib"):
            return True
        caller = caller.f_back
    return False


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Something that happens, the function it is followed in, and how many files that should take at most.

    handler: the module whose handler is followed; None: the command line, in everything it runs.
    """

    name: str
    aim: int
    happens: Callable[[LocalAws], None]
    handler: str | None


def _create_account(aws: LocalAws) -> None:
    Scenario(aws).create_account(replace(_NEW, id=f"{int(_NEW.id) + len(aws.outcomes)}"))
    aws.run_until_idle()


def _sign_in(aws: LocalAws) -> None:
    Scenario(aws).sign_in_as_root(_MEMBER)
    aws.run_until_idle()


def _sweep(aws: LocalAws) -> None:
    Sweeping(aws).by_hand()


def _unlock(_aws: LocalAws) -> None:
    command = (
        "unlock",
        "bucket",
        _MEMBER,
        LOCKED_BUCKET,
        "--direct",
        "--yes",
        "--reason",
        "nobody can read it",
    )
    # It saves the policy before it changes it, in the directory it runs in.
    with TemporaryDirectory() as directory, chdir(directory):
        result = CliRunner().invoke(app, command)
    if result.exit_code:
        raise RuntimeError(f"rootctl unlock ended with {result.exit_code}: {result.output}")


FLOWS = (
    Flow(name="new account in harden_account", aim=18, happens=_create_account, handler="harden_account"),
    Flow(name="its outcome in notify", aim=15, happens=_create_account, handler="notify"),
    Flow(
        name="root sign-in in assess_root_activity", aim=16, happens=_sign_in, handler="assess_root_activity"
    ),
    Flow(name="sweep's batch in audit_accounts", aim=17, happens=_sweep, handler="audit_accounts"),
    Flow(name="rootctl unlock", aim=22, happens=_unlock, handler=None),
)


def files_of(flow: Flow, aws: LocalAws) -> list[str]:
    """Let a flow happen in a deployed organization; return the files it goes through, by path in the project.

    The function starts for it: what it reads and makes at its start belongs to the flow.
    """
    aws.clock.advance(_LONGER_THAN_FUNCTIONS_LIVE)
    if flow.handler is None:
        opened = FilesOpened(*(PROJECT / name for name in _COMMAND_LINE))
        watching = opened.watching()
    else:
        opened = FilesOpened(*(PROJECT / name for name in _FUNCTIONS))
        watching = opened.watching_function(PROJECT / "lambdas" / f"{flow.handler}.py", "handler")
    with watching:
        flow.happens(aws)
    if not opened.files:
        raise RuntimeError(f"{flow.name}: nothing ran")
    return sorted(str(Path(file).relative_to(PROJECT)) for file in opened.files)


def import_lines(source: str) -> int:
    """Return how many lines of a module are imports."""
    imports = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom))
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in imports)


def share_of_imports(directory: Path) -> float:
    """Return how many in a hundred lines of a directory's modules are imports."""
    sources = [path.read_text() for path in directory.glob("*.py")]
    lines = sum(len(source.splitlines()) for source in sources)
    return 100 * sum(map(import_lines, sources)) / lines


def _measured(assembly: Path | None) -> Mapping[Flow, list[str]]:
    """Deploy to an organization and measure every flow, each on what the ones before left."""
    with running(load_organization(ORGANIZATION), assembly=assembly) as aws:
        hub = aws.organization.hub
        operator = {**aws.extensions.administrator(hub.account).for_boto3(), "aws_default_region": hub.region}
        lock(aws, _MEMBER)
        with patch.dict(os.environ, {name.upper(): value for name, value in operator.items()}):
            return {flow: files_of(flow, aws) for flow in FLOWS}


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--list", action="store_true", help="name the files as well")
    arguments.add_argument(
        "--assembly", type=Path, help="templates synthesized before; default: synthesize them"
    )
    given = arguments.parse_args()
    console = Console(highlight=False)
    table = Table("flow", "files", "aim", box=None)
    measured = _measured(given.assembly)
    for flow, files in measured.items():
        table.add_row(flow.name, str(len(files)), str(flow.aim))
    table.add_row(
        "imports among lambdas' lines", f"{share_of_imports(PROJECT / 'lambdas'):.0f} %", f"{IMPORTS_AIM} %"
    )
    console.print(table)
    if given.list:
        for flow, files in measured.items():
            console.print("", f"{flow.name}:", *(f"  {file}" for file in files), sep="\n")


if __name__ == "__main__":
    main()
