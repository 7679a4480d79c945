"""What is expected alerts more quietly, until its last day; what is critical never does."""

from datetime import date

import pytest
from msgspec.structs import replace

from rootwarden.activity.outcomes import Expected
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Expectation
from rootwarden.events import Fields
from rootwarden.messages.activity_message import alert_message
from tests.unit.given import Assessment
from tests.unit.sample_events import record

STRANGER = record("assume_root_call").identity.role_arn or ""
EXPECTATION = Expectation(
    principal=STRANGER, calls=("sts:AssumeRoot",), reason="weekly test", until=date(2026, 6, 1)
)


def alert_of(event: str, expectation: Expectation = EXPECTATION) -> Assessment:
    given = Assessment(expected=(expectation,))
    given.assessor.assess(record(event), attempt=2)
    return given


def test_an_expected_call_is_low_and_says_why_and_until_when() -> None:
    [alert] = alert_of("assume_root_call").bus.alerts

    assert alert.severity is Severity.LOW
    assert alert.expected == Expected(reason="weekly test", until="2026-06-01")
    assert "It is expected until 2026-06-01: weekly test." in alert_message(alert, "us-east-1").happened


def test_what_is_critical_is_never_expected_away() -> None:
    [alert] = alert_of("assume_root_call_create_password").bus.alerts

    assert alert.severity is Severity.CRITICAL
    assert alert.circumstances == (
        "the configuration expects this call, but what is critical is never expected away",
    )


@pytest.mark.parametrize(
    "other",
    [
        {"principal": STRANGER.replace("role/", "role/Other")},
        {"calls": ("sts:AssumeRole",)},
        {"until": date(2026, 5, 31)},
    ],
    ids=["another principal", "another call", "ended"],
)
def test_what_no_expectation_covers_alerts_as_ever(other: dict[str, object]) -> None:
    [alert] = alert_of("assume_root_call", replace(EXPECTATION, **other)).bus.alerts

    assert alert.severity is Severity.HIGH
    assert alert.expected is None


def test_an_expectation_reads_as_it_is_written() -> None:
    assert Expectation.from_detail(Fields(EXPECTATION.to_detail())) == EXPECTATION
