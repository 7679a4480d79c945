"""A worker's share of the quota: turns at an even pace, however many threads ask."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.aws.root_session_pool import RateLimiter


@dataclass
class Time:
    """A clock that moves only by sleeping."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_the_first_turn_is_at_once_and_the_next_ones_are_evenly_spaced() -> None:
    time = Time()
    limiter = RateLimiter(10, clock=time, sleep=time.sleep)

    for _ in range(4):
        limiter.wait()

    assert time.slept == pytest.approx([0.1, 0.1, 0.1])


def test_threads_that_ask_at_the_same_time_get_one_turn_after_the_other() -> None:
    asked = Time()
    slept: list[float] = []
    limiter = RateLimiter(10, clock=asked, sleep=slept.append)

    for _ in range(4):
        limiter.wait()

    assert slept == pytest.approx([0.1, 0.2, 0.3])


def test_turns_that_nobody_took_are_kept_up_to_the_burst() -> None:
    time = Time()
    limiter = RateLimiter(10, clock=time, sleep=time.sleep, burst=3)
    time.now += 60

    for _ in range(4):
        limiter.wait()

    assert time.slept == pytest.approx([0.1])


@given(
    per_second=st.floats(0.1, 600),
    burst=st.integers(1, 16),
    pauses=st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_no_second_ever_sees_more_than_the_rate_and_the_burst(
    per_second: float, burst: int, pauses: list[float]
) -> None:
    time, turns = Time(), []
    limiter = RateLimiter(per_second, clock=time, sleep=time.sleep, burst=burst)

    for pause in pauses:
        time.now += pause
        limiter.wait()
        turns.append(time.now)

    for turn in turns:
        within = [other for other in turns if turn <= other < turn + 1]
        assert len(within) <= per_second + burst + 1e-6
