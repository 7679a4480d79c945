"""Outcomes in one line each: the reason of an alert, with what is particular about it."""

import pytest

from local.commands.presentation.outcomes import outcome_line
from tests.unit.given import Assessment
from tests.unit.sample_events import record


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "root_password_update_failed",
            "HIGH   payments-prod (444455556666)  PasswordUpdated: somebody tried to",
        ),
        (
            "root_creates_key_for_iam_user",
            "CreateAccessKey: root made or activated a credential of IAM user build-agent",
        ),
        ("root_console_login_late", "381 days later (DELIVERY_DELAY)"),
        ("root_console_login_management_account", "this is the management account's root user"),
        ("root_trail_stop_refused", "StopLogging: the root user tried to make CloudTrail record less"),
    ],
)
def test_an_alert_is_said_in_full(name: str, line: str) -> None:
    given = Assessment()
    given.assessor.assess(record(name), attempt=1)
    alert = given.bus.alerts[0]

    shown = outcome_line({"detail-type": alert.detail_type, "detail": alert.to_detail()})

    assert line in shown.plain
