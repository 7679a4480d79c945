"""Outcomes become messages: each channel once, whatever happens to the others."""

from collections.abc import Callable
from typing import Any

import pytest

from local.aws import LocalAws
from tests.accounts import MEMBER
from tests.wiring.sample_events import sample

Happen = Callable[..., list[dict[str, Any]]]


def _channels(aws: LocalAws) -> list[str]:
    return sorted(message.channel for message in aws.messages)


def test_the_e_mail_tells_account_what_and_severity_in_its_subject(aws: LocalAws, happen: Happen) -> None:
    event = sample("root_console_login_success_no_mfa", time=f"{aws.clock.now():%Y-%m-%dT%H:%M:%SZ}")
    event["detail"]["eventTime"] = event["time"]
    happen(event)

    [email] = [message for message in aws.messages if message.channel == "email"]
    assert email.to == "security@example.com"
    assert email.subject == (f"[rootwarden] CRITICAL payments-prod ({MEMBER}): root signed in without MFA")
    for heading in ("WHAT HAPPENED", "WHERE", "WHO", "WHAT WAS DONE", "WHAT TO DO NOW", "LINKS"):
        assert heading in email.body
    assert "Unit     Root / Workloads (ou-" in email.body
    assert "Owner    payments-team" in email.body
    assert (
        f"rootctl harden {MEMBER} --remove-recently-used --reason 'alert {event['detail']['eventID']}'"
        in email.body
    )


@pytest.mark.parametrize("answer", [{"status": 500}, {"status": 429, "retry_after": 7}])
def test_slack_failing_is_retried_and_nobody_gets_anything_twice(
    aws: LocalAws, happen: Happen, answer: dict[str, int]
) -> None:
    aws.slack.refuse_next(**answer)

    happen(sample("root_console_login_success_no_mfa"))

    assert _channels(aws) == ["chat", "email", "slack"]
    assert aws.dead_letters == []


def test_e_mail_failing_does_not_keep_slack_back(aws: LocalAws, happen: Happen) -> None:
    aws.extensions.faults.fail("Publish", "InternalError", http=500, times=None, service="sns")

    happen(sample("root_console_login_success_no_mfa"))

    # The dead-letter alarm comes from CloudWatch, which publishes without the function's help.
    told = [m for m in aws.messages if "ALARM" not in (m.subject or "")]
    assert [m.channel for m in told] == ["slack"]
    [letter] = aws.dead_letters
    assert "NotifyDeadLetters" in letter.queue


def test_the_webhooks_address_is_in_no_log(aws: LocalAws, happen: Happen) -> None:
    aws.slack.refuse_next(status=500)

    happen(sample("root_console_login_success_no_mfa"))

    assert not any(aws.slack.url in str(line) for line in aws.logs)


def test_a_clean_account_needs_nobody_to_be_told(aws: LocalAws, happen: Happen) -> None:
    user = aws.state.root_user(MEMBER)
    user.password_created = None
    user.access_keys.clear()
    user.signing_certificates.clear()
    user.mfa_devices.clear()

    [outcome] = happen(sample("create_account_result_succeeded"))

    assert outcome["detail"]["result"] == "clean"
    assert aws.messages == []
