"""Steps tried again: as long as it may help and there is time, with pauses that grow up to a limit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from rootwarden.refusals import CallRefused
from rootwarden.sweep.batch import Attempts, Failed

THROTTLED = CallRefused("Throttling", "Rate exceeded")
STUMBLED = CallRefused("ServiceUnavailable", "try again", is_transient=True)
DENIED = CallRefused("AccessDenied", "not authorized")


@dataclass
class Trying:
    """Attempts at a step that fails with each of these in turn, and then is done."""

    failures: list[Exception]
    left: float = 1000.0
    chances: Iterator[float] | None = None
    slept: list[float] = field(default_factory=list)
    unforeseen: list[Exception] = field(default_factory=list)

    def ended(self) -> str | Failed:
        attempts = Attempts(
            sleep=self.slept.append,
            time_left=lambda: self.left,
            unforeseen=self.unforeseen.append,
            chance=lambda: next(self.chances) if self.chances else 1.0,
        )
        return attempts.at(self._step)

    def _step(self) -> str:
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def test_what_is_done_at_once_waits_for_nothing() -> None:
    trying = Trying([])

    assert (trying.ended(), trying.slept) == ("done", [])


def test_pauses_double_up_to_the_longest() -> None:
    trying = Trying([THROTTLED] * 10)

    assert trying.ended() == "done"
    assert trying.slept == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 16.0, 16.0]


def test_pauses_are_shortened_by_chance() -> None:
    trying = Trying([THROTTLED, THROTTLED], chances=iter([0.5, 0.25, 0.0]))

    assert trying.ended() == "done"
    assert trying.slept == [0.05, 0.05]


@pytest.mark.parametrize(
    ("failures", "ended", "tries"),
    [
        ([STUMBLED] * 4, "done", 5),
        ([STUMBLED] * 5, Failed("ServiceUnavailable", "try again"), 5),
        ([STUMBLED] * 4 + [THROTTLED] * 2, "done", 7),
        ([DENIED], Failed("AccessDenied", "not authorized"), 1),
        ([THROTTLED, DENIED], Failed("AccessDenied", "not authorized"), 2),
    ],
)
def test_what_may_pass_is_tried_five_times_and_throttling_as_long_as_it_takes(
    failures: list[Exception], ended: str | Failed, tries: int
) -> None:
    trying = Trying(list(failures))

    assert (trying.ended(), len(trying.slept)) == (ended, tries - 1)


@pytest.mark.parametrize("left", [0.1, 0.0, -1.0])
def test_without_time_left_after_the_pause_nothing_is_tried_again(left: float) -> None:
    trying = Trying([THROTTLED], left=left)

    assert (trying.ended(), trying.slept) == (Failed("Throttling", "Rate exceeded"), [])


def test_an_error_nobody_foresaw_is_told_and_not_tried_again() -> None:
    error = RuntimeError("broken")
    trying = Trying([error])

    assert trying.ended() == Failed("RuntimeError", "broken")
    assert (trying.unforeseen, trying.slept) == ([error], [])
