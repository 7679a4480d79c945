"""What people type next: commands that ask the deployment, the Region and the profile this one was given."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rootwarden.messages.message import of_deployment

_Given = tuple[str, str | None, str | None]
_given: ContextVar[_Given] = ContextVar("given", default=("", None, None))


@contextmanager
def asked_with(name_prefix: str, region: str | None, profile: str | None) -> Iterator[None]:
    """Let the commands that are printed meanwhile repeat these; None where an option was not given."""
    before = _given.set((name_prefix, region, profile))
    try:
        yield
    finally:
        _given.reset(before)


def as_caller(command: str) -> str:
    """Return a command of the AWS CLI that runs as the profile this one was given."""
    profile = _given.get()[2]
    return f"{command} --profile {shlex.quote(profile)}" if profile else command


def complete(step: str) -> str:
    """Return a text whose commands of rootctl ask as this one was asked."""
    return of_deployment(step, *_given.get())
