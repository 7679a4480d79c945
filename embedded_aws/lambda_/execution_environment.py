"""One Lambda function's process, played inside this one: its modules, environment and output."""

import importlib.util
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3

from embedded_aws.clock import Clock

_KEPT_VARIABLES = ("HOME", "LANG", "PATH", "PYTHONPATH", "SSL_CERT_FILE")


class CapturedOutput(StringIO):
    """Stands for a function's stdout and stderr.

    There is one for the whole process: a logger keeps the stream it first saw, so each function
    must find the same object in `sys.stdout` again.
    """

    def take(self) -> str:
        """Return and forget what was written."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


OUTPUT = CapturedOutput()


@dataclass(frozen=True, kw_only=True)
class LambdaContext:
    """The second argument of a handler."""

    clock: Clock
    deadline: datetime
    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    function_version: str = "$LATEST"
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        return max(0, int((self.deadline - self.clock.now()).total_seconds() * 1000))


@dataclass(frozen=True)
class _Outside:
    """What an environment finds in the process, and puts back."""

    modules: dict[str, ModuleType]
    session: boto3.Session | None
    variables: Any
    streams: tuple[Any, Any]


class ExecutionEnvironment:
    """A warm function: its own import of its packages, kept between invocations."""

    def __init__(self, handler: str, variables: Mapping[str, str]) -> None:
        """Import the handler as a cold start does; an import error is the caller's."""
        module, _, self._function = handler.rpartition(".")
        self._packages = _packages_of(module.partition(".")[0])
        self._prefixes = tuple(self._packages)
        self._variables = {**_kept(), **variables}
        self._modules: dict[str, ModuleType] = {}
        self._boto3_session: boto3.Session | None = None
        self._outside: _Outside
        # A logger is kept by name for the life of a process; a cold start has a new one.
        logging.Logger.manager.loggerDict.pop(variables.get("POWERTOOLS_SERVICE_NAME", ""), None)
        with self._inside():
            self._handler: Callable[[Any, LambdaContext], Any] = getattr(
                importlib.import_module(module), self._function
            )

    def begin(self, variables: Mapping[str, str]) -> None:
        """Take other environment variables than those it was imported with: credentials do not last."""
        self._variables = {**_kept(), **variables}

    def call(self, event: Any, context: LambdaContext) -> Any:
        """Run the handler in its own environment; returns its answer."""
        with self._inside():
            return self._handler(event, context)

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Leave it in the middle of a call, for another environment to run meanwhile."""
        self._leave()
        try:
            yield
        finally:
            self._enter()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        self._outside = _Outside(
            self._take_modules(), boto3.DEFAULT_SESSION, os.environ, (sys.stdout, sys.stderr)
        )
        sys.modules.update(self._modules)
        boto3.DEFAULT_SESSION = self._boto3_session
        sys.stdout = sys.stderr = OUTPUT
        vars(os)["environ"] = self._variables

    def _leave(self) -> None:
        outside = self._outside
        vars(os)["environ"] = outside.variables
        sys.stdout, sys.stderr = outside.streams
        self._boto3_session, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, outside.session
        self._modules = self._take_modules()
        sys.modules.update(outside.modules)

    def _take_modules(self) -> dict[str, ModuleType]:
        # A list, as other threads may be importing.
        begun = [name for name in list(sys.modules) if name.startswith(self._prefixes)]
        names = [name for name in begun if _package_of(name) in self._packages]
        return {name: sys.modules.pop(name) for name in names}


@cache
def _package_of(module: str) -> str:
    return module.partition(".")[0]


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}


_IMPORT = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)


@cache
def _packages_of(package: str) -> frozenset[str]:
    """Return a package with those beside it that it imports, itself or by way of others."""
    spec = importlib.util.find_spec(package)
    root = Path(spec.origin).parent.parent if spec and spec.origin else Path()
    found, new = set(), {package}
    while new:
        found |= new
        texts = [path.read_text("utf-8") for name in new for path in (root / name).rglob("*.py")]
        imported = {name for text in texts for name in _IMPORT.findall(text)}
        new = {name for name in imported - found if (root / name / "__init__.py").is_file()}
    return frozenset(found)
