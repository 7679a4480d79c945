"""The metrics that functions write, as alarms and the dashboard ask for them."""

from collections.abc import Callable
from typing import Any

import pytest

from local.aws import LocalAws
from tests.wiring.sample_events import sample

pytestmark = pytest.mark.long

Happen = Callable[..., list[dict[str, Any]]]


def _written(aws: LocalAws, service: str) -> list[tuple[str, float, dict[str, str]]]:
    """Return name, value and dimensions (besides the service) of every metric of a function."""
    return [
        (
            metric["Name"],
            line[metric["Name"]][0],
            {name: line[name] for name in written["Dimensions"][0] if name != "service"},
        )
        for line in aws.metrics
        for written in line["_aws"]["CloudWatchMetrics"]
        for metric in written["Metrics"]
        if line["service"] == service and written["Namespace"] == "rootwarden"
    ]


def test_a_hardened_account_is_counted_with_the_time_since_its_event(aws: LocalAws, happen: Happen) -> None:
    event = sample("create_account_result_succeeded")
    # AWS gives the times of events in whole seconds.
    happen({**event, "time": aws.clock.now().replace(microsecond=0).isoformat()})
    count, (name, seconds, dimensions) = _written(aws, "harden_account")
    assert count == ("AccountsHardened", 1, {})
    assert (name, dimensions) == ("SecondsFromEventToHardened", {})
    assert 0 <= seconds < 60


def test_an_account_that_was_clean_is_not_counted(aws: LocalAws, happen: Happen) -> None:
    event = sample("create_account_result_succeeded")
    happen(event)
    aws.metrics.clear()
    happen(event)
    assert _written(aws, "harden_account") == []


def test_alerts_are_counted_by_severity(aws: LocalAws, happen: Happen) -> None:
    outcomes = happen(sample("root_console_login_success_no_mfa"))
    severity = outcomes[0]["detail"]["severity"]
    assert _written(aws, "assess_root_activity") == [("Alerts", 1, {"severity": severity})]
