"""How bad an act of root is and why, in full, and how late a record of it came."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from rootwarden.activity.classification import ending, session_key, was_refused_or_failed
from rootwarden.activity.judgement import LATE, age, in_window, lateness
from rootwarden.activity.root_activity import Assessment
from rootwarden.contract.activities import Severity
from tests.unit.fakes import NOON
from tests.unit.given import WINDOW
from tests.unit.sample_events import record, sample
from tests.unit.test_root_activity import by_root, judge

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (-DAY, "less than a minute"),
        (timedelta(), "less than a minute"),
        (MINUTE - SECOND, "less than a minute"),
        (MINUTE, "1 minute"),
        (2 * MINUTE, "2 minutes"),
        (HOUR - SECOND, "59 minutes"),
        (HOUR, "1 hour"),
        (DAY - SECOND, "23 hours"),
        (DAY, "1 day"),
        (400 * DAY, "400 days"),
    ],
)
def test_an_age_is_said_in_its_largest_whole_unit(length: timedelta, said: str) -> None:
    assert age(length) == said


A_DAY_LATER = "AWS delivered the event at 2026-06-02 12:00:00 UTC, 1 day later"
A_MINUTE_LATER = "AWS delivered the event at 2026-06-01 12:01:00 UTC, 1 minute later"


@pytest.mark.parametrize(
    ("delivered", "reported", "reason", "said"),
    [
        (LATE - SECOND, LATE - SECOND, None, ""),
        (LATE, LATE, None, A_DAY_LATER),
        (MINUTE, MINUTE, "DELIVERY_DELAY", f"{A_MINUTE_LATER} (DELIVERY_DELAY)"),
        # A correction is about what the record says, not about when it came.
        (MINUTE, MINUTE, "UPDATED_DATA", ""),
        (LATE, LATE, "UPDATED_DATA", A_DAY_LATER),
        (MINUTE, LATE, None, "it is reported at 2026-06-02 12:00:00 UTC, 1 day later"),
    ],
)
def test_what_came_a_day_late_says_when_it_happened_and_when_it_came(
    delivered: timedelta, reported: timedelta, reason: str | None, said: str
) -> None:
    late = replace(
        record("root_console_login_failure"),
        time=NOON,
        delivered_at=NOON + delivered,
        addendum_reason=reason,
    )

    expected = (f"it happened at 2026-06-01 12:00:00 UTC, and {said}",) if said else ()
    assert lateness(late, NOON + reported) == expected


A_KEY = "a root access key exists and is in use"
BY_SESSION = "a root session that rootwarden did not open changed something"
SESSION = {"type": "Root", "sessionContext": {"assumedRoot": "true"}}


@pytest.mark.parametrize(
    ("event", "severity", "reason"),
    [
        (
            "root_console_login_success_no_mfa",
            "critical",
            "the root user signed in to the console without MFA",
        ),
        (
            sample("root_console_login_success_no_mfa", additionalEventData=None),
            "critical",
            "the root user signed in to the console and the record does not say whether with MFA",
        ),
        ("root_console_login_success_mfa", "high", "the root user signed in to the console"),
        (
            "assume_root_call_create_password",
            "critical",
            "a principal other than rootwarden opened a root session that can set a password",
        ),
        # IAM tells no names apart by case, and a record has them as the caller wrote them.
        (
            sample(
                "assume_root_call",
                requestParameters={
                    "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/iamcreaterootUSERPASSWORD"}
                },
            ),
            "critical",
            "a principal other than rootwarden opened a root session that can set a password",
        ),
        ("assume_root_call", "high", "a principal other than rootwarden opened a root session"),
        (sample("root_session_api_call", eventName="CreateUser"), "high", BY_SESSION),
        (sample("enable_root_sessions", userIdentity=SESSION), "high", BY_SESSION),
        ("root_api_long_term_key", "critical", A_KEY),
        ("root_api_long_term_key_read_only", "high", A_KEY),
        (
            sample("root_api_long_term_key", errorCode="AccessDenied"),
            "critical",
            f"{A_KEY}; AWS refused it (AccessDenied)",
        ),
    ],
)
def test_the_severity_and_the_reason_go_by_what_was_done(
    event: str | dict[str, Any], severity: str, reason: str
) -> None:
    found = judge(event)[2]

    assert (found.severity, found.reason) == (severity, reason)


def test_a_look_that_was_refused_is_a_try() -> None:
    refused = judge(sample("root_api_console_session_refused", eventName="GetTrail", readOnly=True))

    assert refused[2] == Assessment(
        Severity.MEDIUM, "the root user tried something, and a service control policy stopped it"
    )


def test_that_a_key_exists_makes_nothing_milder() -> None:
    found = judge(by_root("root_trail_stopped", readOnly=True))[2]

    assert (found.severity, found.circumstances) == (Severity.CRITICAL, (A_KEY,))


def test_only_calls_of_root_are_known_by_the_key_of_a_session() -> None:
    assert session_key(record("root_session_api_call")) == "ASIAIOSFODNN7EXAMPLE"
    assert session_key(record("hub_stack_deployed")) is None


def test_what_happens_as_the_window_opens_happens_in_it() -> None:
    recovery = record("root_password_recovery_requested")
    high = Assessment(Severity.HIGH, "somebody asked")

    opened = [structs.replace(WINDOW, opened_at=recovery.time + later) for later in (timedelta(), SECOND)]

    assert [in_window(recovery, high, window).severity for window in opened] == [
        Severity.MEDIUM,
        Severity.HIGH,
    ]


@pytest.mark.parametrize(
    ("name", "event_name", "result", "did_fail"),
    [
        ("root_email_updated", "EmailUpdated", "Success", False),
        ("root_email_updated", "EmailUpdated", "Failure", True),
        ("root_email_updated", "EmailUpdated", "Failed", True),
        ("root_email_updated", "EmailUpdated", None, False),
        # A sign-in says when it succeeded; whatever else it says, it did not.
        ("root_console_login_failure", "ConsoleLogin", "Success", False),
        ("root_console_login_failure", "ConsoleLogin", "Pending", True),
        ("root_console_login_failure", "ConsoleLogin", None, True),
    ],
)
def test_what_failed_is_known_by_the_answer(
    name: str,
    event_name: str,
    result: str | None,
    did_fail: bool,  # noqa: FBT001 - a table
) -> None:
    answered = {"errorCode": None, "errorMessage": None, "responseElements": {event_name: result}}

    assert was_refused_or_failed(record(sample(name, **answered))) is did_fail


@pytest.mark.parametrize(
    ("name", "code", "message", "said"),
    [
        (
            "CreateUser",
            "AccessDenied",
            "with an explicit deny in a Service Control Policy",
            "a service control policy stopped it",
        ),
        ("CreateUser", "AccessDenied", "denied by a policy", "a policy stopped it"),
        ("CreateUser", "AccessDenied", None, "AWS refused it (AccessDenied)"),
        ("CreateUser", None, "no such user", "it failed"),
        # A sign-in that is denied says by which kind of policy, or nothing at all.
        ("ConsoleLogin", "AccessDenied", None, "a policy stopped it"),
        ("ConsoleLogin", "AccessDeniedException", None, "a policy stopped it"),
        ("ConsoleLogin", None, "Failed authentication", "it failed"),
    ],
)
def test_a_try_says_who_ended_it(name: str, code: str | None, message: str | None, said: str) -> None:
    event = sample("root_api_long_term_key", eventName=name, errorCode=code, errorMessage=message)

    assert ending(record(event)) == said
