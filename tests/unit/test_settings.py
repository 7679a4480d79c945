"""What each function reads from its environment, and how a mistake there is named."""

from datetime import date

import pytest

from rootwarden.contract.configured import Exemption
from rootwarden.contract.settings import (
    SETTINGS,
    AssessRootActivitySettings,
    AuditAccountsSettings,
    HardenAccountSettings,
    InvalidSetting,
    NotifySettings,
    Settings,
    WriteReportSettings,
)

EXEMPTIONS = """[
  {"account": "444455556666", "reason": "break glass", "until": "2026-06-30"},
  {"ou": "ou-ab12-11111111", "reason": "sandbox", "until": "2026-12-31"}
]"""
ENVIRONMENT = {
    "STATE_TABLE_NAME": "rootwarden-state",
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/222233334444/queue",
    "REFUSED_SESSIONS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/222233334444/refused",
    "MAX_RECEIVE_COUNT": "8",
    "EVENT_BUS_NAME": "rootwarden",
    "OWNER_TAG": "owner",
    "EXPECTED": "[]",
    "RUNBOOK_URL": "docs",
    "MANAGEMENT_ACCOUNT_ID": "111122223333",
    "HUB_ACCOUNT_ID": "222233334444",
    "ORGANIZATION_ID": "o-aa111bb222",
    "EXEMPTIONS": EXEMPTIONS,
    "HARDENING_MODES": '{"created": "enforce", "invited": "enforce", "existing": "observe"}',
    "KEEP_USED_WITHIN_DAYS": "30",
    "OWN_ROLES": '{"arn:aws:iam::222233334444:role/HardenAccount": ["IAMAuditRootUserCredentials"]}',
    "ALERT_TOPIC_ARN": "arn:aws:sns:us-east-1:222233334444:alerts",
    "ALERT_EMAILS": '["security@example.com"]',
    "CHAT_TOPIC_ARN": "arn:aws:sns:us-east-1:222233334444:chat",
    "SLACK_WEBHOOK_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:222233334444:secret:slack",
    "BUCKET_NAME": "rootwarden-evidence",
    "SWEEP_MODE": "observe",
    "THREADS": "8",
    "UNDELIVERED_NAME": "rootwarden-undelivered",
    "QUEUE_URLS": '["https://sqs.us-east-1.amazonaws.com/222233334444/queue"]',
    "FORWARDING_REGIONS": '["us-east-1", "eu-west-1"]',
    "MANAGEMENT_REGIONS": '["us-east-1"]',
    "REQUESTS_PER_SECOND": "10",
    "SECURITY_HUB": "false",
    "HUB_REGION": "us-east-1",
    "PROBED_REGIONS": "[]",
    "PROBE_TURN_HOURS": "27",
    "SCHEDULE_GROUP_NAME": "recovery",
    "RECOVERY_MAX_HOURS": "12",
    "RECOVERY_MAX_HOURS_PER_WEEK": "24",
    "CLOSE_FUNCTION_ARN": "arn:aws:lambda:us-east-1:222233334444:function:close",
    "SCHEDULE_ROLE_ARN": "arn:aws:iam::222233334444:role/Scheduler",
    "SCHEDULE_DEAD_LETTERS_ARN": "arn:aws:sqs:us-east-1:222233334444:not-closed",
}
REQUIRED = [
    (kind, variable)
    for kind in SETTINGS.values()
    for variable, is_required in kind.variables().items()
    if is_required
]


def test_everything_is_read_and_typed() -> None:
    settings = HardenAccountSettings.from_environment(ENVIRONMENT)

    assert settings.max_receive_count == 8
    assert settings.keep_used_within_days == 30
    assert settings.exemptions == (
        Exemption(
            account=settings.exemptions[0].account,
            organizational_unit=None,
            reason="break glass",
            until=date(2026, 6, 30),
        ),
        Exemption(
            account=None,
            organizational_unit="ou-ab12-11111111",
            reason="sandbox",
            until=date(2026, 12, 31),
        ),
    )
    assert settings.exemptions[0].account == "444455556666"


def test_the_functions_own_roles_are_read() -> None:
    settings = AssessRootActivitySettings.from_environment(ENVIRONMENT)

    assert settings.own_roles == {
        "arn:aws:iam::222233334444:role/HardenAccount": ("IAMAuditRootUserCredentials",)
    }


@pytest.mark.parametrize(("kind", "variable"), REQUIRED, ids=lambda value: getattr(value, "__name__", value))
def test_a_missing_variable_is_named(kind: type[Settings], variable: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != variable}

    with pytest.raises(InvalidSetting, match=f"^{variable} is not set"):
        kind.from_environment(environment)


@pytest.mark.parametrize("variable", ["CHAT_TOPIC_ARN", "SLACK_WEBHOOK_SECRET_ARN"])
def test_a_channel_that_is_not_configured_is_none(variable: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != variable}

    settings = NotifySettings.from_environment(environment)

    assert getattr(settings, variable.lower()) is None


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("MAX_RECEIVE_COUNT", "eight"),
        ("MAX_RECEIVE_COUNT", ""),
        ("MANAGEMENT_ACCOUNT_ID", "1111-2222-3333"),
        ("KEEP_USED_WITHIN_DAYS", "a month"),
        ("HARDENING_MODES", '{"created": "enforce", "invited": "audit", "existing": "observe"}'),
        ("HARDENING_MODES", "{}"),
        ("HARDENING_MODES", '{"created": "observe", "invited": "observe"}'),
        ("EXEMPTIONS", "none"),
        ("EXEMPTIONS", "{}"),
        ("EXEMPTIONS", '["444455556666"]'),
        ("EXEMPTIONS", '[{"account": "444455556666", "until": "2026-06-30"}]'),
        ("EXEMPTIONS", '[{"account": "444455556666", "reason": "x", "until": "soon"}]'),
        ("EXEMPTIONS", '[{"account": "44", "reason": "x", "until": "2026-06-30"}]'),
    ],
)
def test_a_wrong_variable_is_named(variable: str, wrong: str) -> None:
    with pytest.raises(InvalidSetting, match=f"^{variable} cannot be read: "):
        HardenAccountSettings.from_environment(ENVIRONMENT | {variable: wrong})


@pytest.mark.parametrize("wrong", ["0", "-1", "inf", "nan", "day"])
def test_a_time_that_is_none_is_named(wrong: str) -> None:
    with pytest.raises(InvalidSetting, match=r"^PROBE_TURN_HOURS cannot be read: "):
        AuditAccountsSettings.from_environment(ENVIRONMENT | {"PROBE_TURN_HOURS": wrong})


def test_a_flag_that_is_neither_true_nor_false_is_named() -> None:
    with pytest.raises(InvalidSetting, match=r"^SECURITY_HUB cannot be read: "):
        WriteReportSettings.from_environment(ENVIRONMENT | {"SECURITY_HUB": "yes"})


@pytest.mark.parametrize(
    "wrong", ['["arn:aws:iam::222233334444:role/HardenAccount"]', '{"arn": 1}', '{"arn": "task"}', "3", "arn"]
)
def test_roles_without_a_list_of_tasks_each_are_refused(wrong: str) -> None:
    with pytest.raises(InvalidSetting, match=r"^OWN_ROLES cannot be read: "):
        AssessRootActivitySettings.from_environment(ENVIRONMENT | {"OWN_ROLES": wrong})


def test_what_the_deployment_writes_is_what_the_function_reads() -> None:
    settings = HardenAccountSettings.from_environment(ENVIRONMENT)
    values = {name: getattr(settings, name) for name in HardenAccountSettings.names()}

    written = HardenAccountSettings.environment(values)

    assert HardenAccountSettings.from_environment(written) == settings
    roles = {"arn:aws:iam::222233334444:role/HardenAccount": ("IAMAuditRootUserCredentials",)}
    others = {"own_roles": roles}
    assert (
        AssessRootActivitySettings.from_environment(
            ENVIRONMENT | AssessRootActivitySettings.environment(others)
        ).own_roles
        == roles
    )


def test_a_setting_that_is_none_has_no_variable_and_one_that_is_not_read_is_refused() -> None:
    assert NotifySettings.environment({"chat_topic_arn": None}) == {}
    with pytest.raises(InvalidSetting, match=r"^NotifySettings reads no chat_topic, exemptions$"):
        NotifySettings.environment({"exemptions": (), "chat_topic": "arn"})
