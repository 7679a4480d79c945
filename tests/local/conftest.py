"""Runs a command as `python -m local` would, and keeps what it printed."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from local.__main__ import main


@dataclass(frozen=True)
class Printed:
    code: int | str | None
    out: str
    err: str


Command = Callable[..., Printed]


@pytest.fixture(scope="session")
def command() -> Command:
    def run(*arguments: object) -> Printed:
        out, err = io.StringIO(), io.StringIO()
        code: int | str | None
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = main([str(argument) for argument in arguments])
            except SystemExit as left:
                code = left.code
        return Printed(code, out.getvalue(), err.getvalue())

    return run
