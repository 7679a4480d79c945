"""Noticing what AWS is asked while a command runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from embedded_aws.calls import Call
from local.aws import LocalAws


class _Watched(list[Call]):
    notice: Callable[[Call], None]

    def append(self, call: Call) -> None:
        super().append(call)
        self.notice(call)


@contextmanager
def watching(aws: LocalAws, notice: Callable[[Call], None]) -> Iterator[None]:
    """Call `notice` after every call that AWS gets."""
    calls = aws.extensions.calls
    watched = _Watched(calls)
    watched.notice = notice
    with patch.object(aws.extensions, "calls", watched):
        yield
    calls[:] = watched
