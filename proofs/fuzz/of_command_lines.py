"""Command lines of rootctl, with an AWS that knows no profile and no credentials."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import boto3
from botocore.exceptions import NoCredentialsError, ProfileNotFound

from proofs.fuzz.inertness import Broken, visible
from proofs.fuzz.reading import logged
from proofs.fuzz.strangers import Stranger
from rootctl.app import app
from rootctl.errors import Exit

_COMMANDS = (
    *(
        "preflight",
        "audit",
        "harden",
        "unlock bucket",
        "unlock queue",
        "unlock",
        "restore",
        "doctor",
        "drill",
    ),
    *("explain", "redrive", "report", "test-alert", "recovery open", "recovery close", "recovery list"),
    *("recovery", ""),
)
_OPTIONS = (
    *("--all", "--account", "--ou", "--exposed", "--output", "--via-hub", "--yes", "--dry-run", "--reason"),
    *("--direct", "--hub"),
    *("--hours", "--profile", "--region", "--offline", "--members", "--date", "--save", "--to", "--policy"),
    *("--management-profile", "--version", "--help", "--nonsense", "--output=json", "--", "-"),
)


def written(stranger: Stranger) -> list[str]:
    """Write the arguments; no shell passes a NUL."""
    arguments = stranger.random.choice(_COMMANDS).split()
    for _ in range(stranger.random.randrange(5)):
        arguments.append(stranger.random.choice(_OPTIONS) if stranger.chance(0.6) else stranger.text()[:2000])
    # What a shell hands over as bytes that are no UTF-8 arrives as lone halves.
    return [
        argument.replace("\x00", "").replace("\ud800", "\udc80").replace("\udfff", "\udcff")
        for argument in arguments
    ]


def run(arguments: list[str]) -> None:
    """Run one; hold its exit code, and that it says at most one line beside its usage."""
    out, err = io.StringIO(), io.StringIO()
    with (
        logged(),
        _somewhere(),
        redirect_stdout(out),
        redirect_stderr(err),
        patch("boto3.Session", _NoSession),
    ):
        try:
            app(arguments, prog_name="rootctl")
        except SystemExit as end:
            code = end.code
        else:
            raise Broken("rootctl did not end")
    if code not in set(Exit):
        raise Broken(f"rootctl ended with {code!r}")
    visible(err.getvalue(), "rootctl's errors")
    visible(out.getvalue(), "rootctl's output")
    if code in (Exit.FAILED, Exit.USAGE) and not out.getvalue() and err.getvalue().count("\n") != 1:
        raise Broken(f"rootctl says {err.getvalue()[:200]!r}")


class _NoSession(boto3.Session):
    """A class, as annotations of modules that are imported meanwhile need one."""

    def __init__(self, profile_name: str | None = None, **_: Any) -> None:
        if profile_name:
            raise ProfileNotFound(profile=profile_name)
        raise NoCredentialsError


@contextmanager
def _somewhere() -> Iterator[None]:
    before = os.getcwd()
    with TemporaryDirectory() as directory:
        os.chdir(directory)
        try:
            yield
        finally:
            os.chdir(before)
