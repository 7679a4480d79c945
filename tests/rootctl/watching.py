"""Noticing what AWS is asked while a command runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from local.answers.call_log import Call
from local.embedded_aws import EmbeddedAws


@contextmanager
def watching(aws: EmbeddedAws, notice: Callable[[Call], None]) -> Iterator[None]:
    """Call `notice` after every call that AWS gets."""
    calls = aws.extensions.calls
    keep = calls.record

    def record(call: Call) -> None:
        keep(call)
        notice(call)

    with patch.object(calls, "record", record):
        yield
