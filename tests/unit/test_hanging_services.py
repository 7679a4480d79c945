"""A service that hangs costs time, never an alert: the functions in virtual time, with their own clients."""

import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
import urllib3

from lambdas import assess_root_activity, harden_account, notify
from rootwarden.aws import clients
from tests.unit.hanging import HangingServices, hanging_services
from tests.unit.invocations import AnyOrganization, batch, context, failed
from tests.unit.log_lines import LogLines
from tests.unit.sample_events import sample
from tests.unit.state_table import StateTables
from tests.unit.stories import root_sign_in_without_mfa
from tests.unit.test_messages import as_event
from tests.unit.test_settings import ENVIRONMENT

# Seconds and messages, as the template gives them (tests/templates/test_functions.py).
ASSESS, NOTIFY, HARDEN = (30, 5), (60, 1), (120, 1)
FUNCTIONS = (assess_root_activity, notify, harden_account)
CLIENTS = (
    *(clients.dynamodb, clients.events, clients.sqs, clients.sqs_putting_off, clients.sns),
    *(clients.secretsmanager, clients.organizations, clients.organizations_in_brief, clients.sts),
)


@pytest.fixture
def services(state_tables: StateTables, monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingServices]:
    """The functions in an account of moto's, newly started, in which services can be made to hang."""
    secret = boto3.client("secretsmanager").create_secret(
        Name="slack" + state_tables.create().name, SecretString="https://hooks.slack.com/services/T/B/secret"
    )
    events = boto3.client("events")
    if not events.list_event_buses(NamePrefix="rootwarden")["EventBuses"]:
        events.create_event_bus(Name="rootwarden")
    environment = ENVIRONMENT | {
        "STATE_TABLE_NAME": state_tables.create().name,
        "QUEUE_URL": boto3.client("sqs").create_queue(QueueName="queue")["QueueUrl"],
        "ALERT_TOPIC_ARN": boto3.client("sns").create_topic(Name="alerts")["TopicArn"],
        "CHAT_TOPIC_ARN": boto3.client("sns").create_topic(Name="chat")["TopicArn"],
        "SLACK_WEBHOOK_SECRET_ARN": secret["ARN"],
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _start_anew()
    with hanging_services() as services:
        yield services
    _start_anew()


def _start_anew() -> None:
    for made in (*(function._function for function in FUNCTIONS), *CLIENTS):  # noqa: SLF001 - it was made in another environment
        made.cache_clear()


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Slack gets."""
    found: list[Any] = []

    class Slack:
        def request(self, _method: str, _url: str, **named: Any) -> urllib3.HTTPResponse:
            found.append(named["json"])
            return urllib3.HTTPResponse(status=200)

    monkeypatch.setattr("rootwarden.aws.notifications.urllib3.PoolManager", Slack)
    return found


def invoke(
    function: ModuleType, services: HangingServices, work: tuple[int, int], *bodies: str, attempt: int = 1
) -> list[int]:
    """Invoke as Lambda does; fails the test where Lambda would have ended the function."""
    seconds, most = work
    assert len(bodies) <= most
    began = services.time.now
    response = function.handler(
        batch(*bodies, attempt=attempt), context(seconds=seconds, clock=services.time)
    )
    assert services.time.now - began < seconds
    return failed(response)


def sign_ins(number: int) -> list[str]:
    """Critical sign-ins in as many accounts, each with its own event."""
    found = []
    for each in range(number):
        event = sample("root_console_login_success_no_mfa")
        account = f"{444455556660 + each}"
        event |= {"id": f"event {each}", "account": account}
        event["detail"] |= {"eventID": f"event {each}", "recipientAccountId": account}
        event["detail"]["userIdentity"] |= {"accountId": account, "arn": f"arn:aws:iam::{account}:root"}
        found.append(json.dumps(event))
    return found


def alerts(log: LogLines) -> int:
    return len([line for line in log.of("outcome published") if "Alert" in line.__dict__["detail_type"]])


def test_organizations_hanging_costs_no_alert_only_the_name(services: HangingServices, log: LogLines) -> None:
    services.hanging = {"organizations"}

    assert invoke(assess_root_activity, services, ASSESS, *sign_ins(5)) == []

    assert alerts(log) == 5
    assert services.tries == ["organizations DescribeAccount"] * 5
    for line in log.of("outcome published"):
        assert line.__dict__["detail"]["account"]["name"] is None
        assert line.__dict__["detail"]["severity"] == "critical"


@pytest.mark.parametrize("service", ["dynamodb", "eventbridge"])
def test_what_no_message_can_do_without_leaves_all_of_them_in_the_queue(
    services: HangingServices, log: LogLines, service: str
) -> None:
    services.hanging = {service}

    assert sorted(invoke(assess_root_activity, services, ASSESS, *sign_ins(5))) == [0, 1, 2, 3, 4]
    assert log.of("message handed back")

    services.hanging.clear()
    assert invoke(assess_root_activity, services, ASSESS, *sign_ins(5), attempt=2) == []
    assert alerts(log) == 5


@pytest.mark.parametrize("service", ["sns", "secrets-manager"])
def test_a_hanging_channel_silences_no_other(
    services: HangingServices, posted: list[Any], service: str
) -> None:
    services.hanging = {service}
    news = json.dumps(as_event(root_sign_in_without_mfa()))

    assert invoke(notify, services, NOTIFY, news) == [0]
    assert len(posted) == (service == "sns")

    services.hanging.clear()
    assert invoke(notify, services, NOTIFY, news, attempt=2) == []
    assert len(posted) == 1


def test_every_channel_hanging_ends_within_the_functions_time(services: HangingServices) -> None:
    services.hanging = {"sns", "secrets-manager"}

    assert invoke(notify, services, NOTIFY, json.dumps(as_event(root_sign_in_without_mfa()))) == [0]


def test_a_queue_that_hangs_keeps_nothing_from_being_reported(services: HangingServices) -> None:
    services.hanging = {"dynamodb", "sqs"}

    assert sorted(invoke(assess_root_activity, services, ASSESS, *sign_ins(5))) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("service", ["organizations", "sts"])
def test_a_hardening_that_hangs_says_so_before_its_time_is_over(
    services: HangingServices, log: LogLines, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    services.hanging = {service}
    event = json.dumps(sample("create_account_result_succeeded"))
    if service == "sts":
        monkeypatch.setattr(clients, "organizations", AnyOrganization)

    assert invoke(harden_account, services, HARDEN, event) == [0]

    [said] = log.of("outcome published")
    detail = said.__dict__["detail"]
    assert (detail["result"], detail["willRetry"]) == ("unreachable", True)
