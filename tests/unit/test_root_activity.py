"""What every sample of root activity is taken for, and how bad it is."""

from typing import Any

import pytest

from lambdas.domain.activity.classification import actor_kind, classify, mfa_used
from lambdas.domain.activity.judgement import assess
from lambdas.domain.activity.root_activity import Activity, ActorKind
from lambdas.domain.activity.severity import Assessment, Severity
from lambdas.domain.event_fields import MalformedEvent
from tests.unit.given import HUB
from tests.unit.sample_events import record, sample

TABLE = [
    # sample, activity, actor, severity
    ("root_console_login_success_no_mfa", "sign_in_succeeded", "sign_in", "critical"),
    ("root_console_login_success_mfa", "sign_in_succeeded", "sign_in", "high"),
    ("root_console_login_failure", "sign_in_failed", "sign_in", "medium"),
    ("root_password_recovery_requested", "password_recovery_requested", "sign_in", "high"),
    ("root_password_recovery_completed", "password_recovery_completed", "sign_in", "critical"),
    ("root_password_updated", "password_changed", "sign_in", "critical"),
    ("root_check_mfa", "sign_in_step", "sign_in", "medium"),
    ("root_api_long_term_key", "api_call", "long_term_key", "critical"),
    ("root_api_long_term_key_read_only", "api_call", "long_term_key", "high"),
    ("root_api_console_session_enable_mfa", "credential_created", "console_session", "critical"),
    ("root_api_console_session_refused", "trail_changed", "console_session", "critical"),
    ("root_session_api_call", "credential_removed", "root_session", "high"),
    ("root_session_api_call_without_flag", "credential_removed", "console_session", "high"),
    ("root_session_create_login_profile", "credential_created", "root_session", "critical"),
    ("assume_root_call", "root_session_opened", "principal", "high"),
    ("assume_root_call_create_password", "root_session_opened", "principal", "critical"),
    ("assume_root_call_refused", "root_session_refused", "principal", "medium"),
    ("disable_root_credentials_management", "protection_weakened", "principal", "critical"),
    ("disable_root_sessions", "protection_weakened", "principal", "critical"),
    ("enable_root_sessions", "protection_changed", "principal", "low"),
    ("disable_trusted_access", "protection_weakened", "principal", "critical"),
    ("disable_trusted_access_refused", "protection_changed", "principal", "medium"),
    ("enable_trusted_access", "protection_changed", "principal", "low"),
    ("register_delegated_administrator_hub", "protection_changed", "principal", "low"),
    ("register_delegated_administrator_stranger", "protection_weakened", "principal", "critical"),
    ("deregister_delegated_administrator", "protection_weakened", "principal", "critical"),
]


def judge(event: str | dict[str, Any]) -> tuple[Activity, ActorKind, Assessment]:
    found = record(event)
    activity = classify(found, HUB)
    kind = actor_kind(found, activity, opened_by_assume_root=False)
    return activity, kind, assess(found, activity, kind)


def by_root(name: str, **detail: object) -> dict[str, Any]:
    """A sample event, made with a root access key of the management account."""
    identity = {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accessKeyId": "AKIAROOT"}
    return sample(name, userIdentity=identity, **detail)


@pytest.mark.parametrize(("name", "activity", "actor", "severity"), TABLE, ids=[row[0] for row in TABLE])
def test_each_sample_is_judged(name: str, activity: str, actor: str, severity: str) -> None:
    found = judge(name)

    assert (found[0], found[1], found[2].severity) == (activity, actor, severity)
    assert found[2].reason


@pytest.mark.parametrize(
    "name",
    [
        "iam_user_console_login",
        "create_account_result_succeeded",
        "disable_trusted_access_other_service",
        "register_delegated_administrator_other_service",
    ],
)
def test_what_is_no_root_activity_is_refused(name: str) -> None:
    with pytest.raises(MalformedEvent, match=r"detail\.userIdentity\.type takes Root"):
        classify(record(name), HUB)


@pytest.mark.parametrize(
    ("spelled", "used"), [("Yes", True), ("YES", True), ("No", False), ("", None), (None, None), (1, None)]
)
def test_mfa_is_read_however_it_is_spelled(spelled: object, used: bool | None) -> None:  # noqa: FBT001 - a table
    event = sample("root_console_login_success_no_mfa", additionalEventData={"MFAUsed": spelled})

    assert mfa_used(record(event)) is used


def test_a_sign_in_that_does_not_speak_of_mfa_counts_as_one_without() -> None:
    event = sample("root_console_login_success_no_mfa", additionalEventData=None)

    assert judge(event)[2].severity is Severity.CRITICAL


def test_a_session_known_from_its_assume_root_call_needs_no_flag() -> None:
    found = record("root_session_api_call_without_flag")

    assert actor_kind(found, Activity.API_CALL, opened_by_assume_root=True) is ActorKind.ROOT_SESSION


def test_root_credentials_of_neither_kind_are_unknown() -> None:
    event = sample("root_session_api_call", userIdentity={"type": "Root", "accessKeyId": "ASIA1"})

    assert actor_kind(record(event), Activity.API_CALL, opened_by_assume_root=False) is ActorKind.UNKNOWN


@pytest.mark.parametrize("read_only", [True, "true"])
def test_looking_is_less_than_changing(read_only: object) -> None:
    looked = {"eventName": "GetTrail", "errorCode": None, "errorMessage": None}
    event = sample("root_api_console_session_refused", **looked, readOnly=read_only)

    assert judge(event)[2] == Assessment(Severity.MEDIUM, "the root user looked at something")


@pytest.mark.parametrize("name", ["enable_root_sessions", "disable_trusted_access_refused"])
def test_root_itself_touching_the_protection_is_no_less_than_any_call_of_root(name: str) -> None:
    activity, _, assessment = judge(by_root(name))

    assert activity is Activity.PROTECTION_CHANGED
    assert assessment.severity is Severity.CRITICAL
    assert "root access key" in assessment.reason


def test_root_touching_another_services_access_is_a_call_of_root() -> None:
    activity, _, _ = judge(by_root("disable_trusted_access_other_service"))

    assert activity is Activity.API_CALL


def test_a_refused_creation_creates_nothing() -> None:
    event = sample("root_api_console_session_enable_mfa", errorCode="AccessDenied")

    assert judge(event)[0] is Activity.API_CALL


def test_severities_are_in_order() -> None:
    ranks = [severity.rank for severity in Severity]

    assert ranks == sorted(ranks, reverse=True)
    assert Severity.CRITICAL.rank > Severity.INFO.rank
