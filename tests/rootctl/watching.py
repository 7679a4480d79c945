"""Noticing what AWS is asked while a command runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from embedded_aws.calls import Call
from local.aws import LocalAws


@contextmanager
def watching(aws: LocalAws, notice: Callable[[Call], None]) -> Iterator[None]:
    """Call `notice` after every call that AWS gets."""
    calls = aws.extensions.calls
    keep = calls.record

    def record(call: Call) -> None:
        keep(call)
        notice(call)

    with patch.object(calls, "record", record):
        yield
