"""Where the tests interrupt a function: every call of the fakes goes over one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rootwarden.refusals import CallRefused


class Died(BaseException):
    """When the function's process ends in the middle of its work: nothing it would still call happens."""


class TableUnavailable(Exception):
    """When the state table or the bus does not answer."""


Interruption = Callable[[str], None]


@dataclass
class Line:
    """Counts calls from 1 and lets a test step in before or after one of them takes effect."""

    calls: list[str] = field(default_factory=list)
    before: dict[int, Interruption] = field(default_factory=dict)
    after: dict[int, Interruption] = field(default_factory=dict)
    is_dead: bool = False

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Carry one call; its effect happens in the body."""
        if self.is_dead:
            raise Died
        self.calls.append(name)
        number = len(self.calls)
        self._interrupt(self.before, number, name)
        yield
        self._interrupt(self.after, number, name)

    def _interrupt(self, interruptions: dict[int, Interruption], number: int, name: str) -> None:
        interruption = interruptions.pop(number, None)
        if interruption is None:
            return
        try:
            interruption(name)
        except Died:
            self.is_dead = True
            raise


def die(_call: str) -> None:
    """Let the process end here."""
    raise Died


def refuse(call: str) -> None:
    """Let AWS answer with an error, as each kind of call reports it."""
    if call.startswith(("memory", "publish")):
        raise TableUnavailable(call)
    raise CallRefused("ServiceFailure", f"{call} did not work")
