"""The `sweep` object of the configuration."""

from typing import Any

import pytest

from stacks.configuration.configuration import Configuration
from stacks.configuration.reading import ConfigurationError, Mistake, read_configuration
from tests.templates.synthesized import CONFIGURATION


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sweep", "daily"),
        ("sweep.schedule", {"schedule": "every day"}),
        ("sweep.schedule", {"schedule": "rate(1 days)"}),
        ("sweep.schedule", {"schedule": "rate(5 days)"}),
        ("sweep.schedule", {"schedule": "rate(30 minutes)"}),
        ("sweep.schedule", {"schedule": "cron(0 5 ? * MON *)"}),
        ("sweep.schedule", {"schedule": "cron(0 24 * * ? *)"}),
        ("sweep.mode", {"mode": "destroy"}),
        ("sweep.batch_size", {"batch_size": 0}),
        ("sweep.max_concurrency", {"max_concurrency": 101}),
        ("sweep.requests_per_second", {"requests_per_second": 601}),
        ("sweep.requests_per_second", {"requests_per_second": 8}),
        ("sweep.requests_per_second", {"batch_size": 500, "max_concurrency": 20}),
        ("sweep.report_retention_days", {"report_retention_days": 7}),
        ("sweep.object_lock", {"object_lock": "yes"}),
        ("sweep.security_hub", {"security_hub": 1}),
        ("sweep.batchsize", {"batchsize": 10}),
    ],
)
def test_value_is_refused_by_its_key(key: str, value: object) -> None:
    [mistake] = _mistakes({"sweep": value})
    assert mistake.key == key
    assert mistake.found
    assert mistake.takes


def test_mistakes_of_the_sweep_are_reported_with_all_others() -> None:
    mistakes = _mistakes({"hub_region": "nowhere", "sweep": {"mode": "fast", "requests_per_second": 0}})
    keys = [mistake.key for mistake in mistakes]
    assert {"hub_region", "sweep.mode", "sweep.requests_per_second"} <= set(keys)


def test_the_slowest_pace_at_which_batches_are_through_in_time() -> None:
    size = {"batch_size": 60, "max_concurrency": 3}
    assert _read(sweep={**size, "requests_per_second": 3}).sweep.requests_per_second_of_a_worker == 1
    [mistake] = _mistakes({"sweep": {**size, "requests_per_second": 2}})
    assert mistake.takes.startswith("at least 3, so that 3 workers at once")


def test_values_of_the_sweep_can_be_overridden_one_by_one() -> None:
    overrides = {"mode": "enforce", "schedule": "rate(12 hours)", "batch_size": "25", "object_lock": "true"}
    context = {f"rootwarden.sweep.{key}": value for key, value in overrides.items()}
    sweep = read_configuration({"rootwarden": CONFIGURATION, **context}).sweep
    assert (sweep.mode, sweep.schedule, sweep.batch_size) == ("enforce", "rate(12 hours)", 25)
    assert (sweep.object_lock, sweep.max_concurrency) == (True, 10)


def _read(**changes: Any) -> Configuration:
    return read_configuration({"rootwarden": {**CONFIGURATION, **changes}})


def _mistakes(changes: dict[str, Any]) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigurationError) as caught:
        _read(**changes)
    return caught.value.mistakes
