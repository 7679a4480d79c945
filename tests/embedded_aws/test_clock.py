import time
from datetime import UTC, datetime

import pytest

from embedded_aws.clock import Clock, VirtualClock

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_virtual_time_is_everyones_time_and_moves_only_when_told() -> None:
    with VirtualClock(START) as clock:
        clock.advance(90.5)
        assert clock.now() == datetime.now(UTC) == datetime(2026, 11, 1, 12, 1, 30, 500000, UTC)
        assert time.time() == clock.now().timestamp()
    assert abs(Clock().now() - clock.now()).total_seconds() < 5


def test_virtual_time_does_not_run_backwards() -> None:
    with VirtualClock(START) as clock, pytest.raises(ValueError, match="60"):
        clock.advance(-60)


def test_virtual_time_needs_a_time_zone_and_a_with_block() -> None:
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 11, 1))  # noqa: DTZ001 # the mistake under test
    with pytest.raises(RuntimeError, match="with clock"):
        VirtualClock(START).advance(1)


def test_real_time_waits() -> None:
    clock = Clock()
    before = clock.now()
    clock.advance(0.01)
    assert (clock.now() - before).total_seconds() >= 0.01
