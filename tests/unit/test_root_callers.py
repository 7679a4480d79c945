"""Who called as root: a person, also through a service that calls for the person, or a service itself."""

from typing import Any

import pytest

from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.call_rows import CALL_ROWS
from rootwarden.activity.classification import classify
from rootwarden.contract.activities import Activity
from rootwarden.contract.event_patterns import FORWARDED
from rootwarden.contract.pattern_matching import matches
from rootwarden.contract.root_callers import CREDENTIAL_CALLS
from rootwarden.contract.watch_patterns import WATCH_FORWARDED
from tests.unit.given import HUB, Assessment
from tests.unit.sample_events import record, sample

MCP_SERVERS = ("aws-mcp.amazonaws.com", "eks-mcp.amazonaws.com")
BY_A_KEY: dict[str, Any] = {}
IN_THE_CONSOLE = {"sessionContext": {"attributes": {"creationDate": "2026-06-01T12:55:00Z"}}}
FORWARDING_RULE = {"name": "StackSet-rootwarden-forw-Rule-1"}
CALLS = [
    # service, call, what it asks for, what it alerts as
    ("iam", "CreateAccessKey", None, "credential_created"),
    ("iam", "UploadSigningCertificate", None, "credential_created"),
    ("iam", "DeactivateMFADevice", None, "mfa_removed"),
    ("iam", "CreateUser", {"userName": "backdoor"}, "api_call"),
    ("cloudtrail", "StopLogging", {"name": "organization"}, "trail_changed"),
    ("organizations", "LeaveOrganization", None, "left_organization"),
    ("events", "DeleteRule", FORWARDING_RULE, "watch_taken_down"),
]
OF_ROOTS_CREDENTIALS = {
    Activity.CREDENTIAL_CREATED,
    Activity.MFA_REMOVED,
    Activity.CREDENTIAL_REMOVED,
}


def by(service: str, session: dict[str, Any], source: str, name: str, asked: object) -> dict[str, Any]:
    event = sample(
        "root_key_call_by_mcp_server",
        eventSource=f"{source}.amazonaws.com",
        eventName=name,
        requestParameters=asked,
    )
    event["detail"]["userIdentity"] |= {"invokedBy": service, **session}
    return event | {"source": f"aws.{source}"}


def takers(event: dict[str, Any]) -> list[str]:
    patterns = (*FORWARDED, *WATCH_FORWARDED)
    return [pattern.name for pattern in patterns if matches(pattern.document(), event)]


@pytest.mark.parametrize("session", [BY_A_KEY, IN_THE_CONSOLE])
@pytest.mark.parametrize("service", MCP_SERVERS)
@pytest.mark.parametrize(("source", "name", "asked", "activity"), CALLS)
def test_what_an_mcp_server_calls_for_root_is_roots_own_call(
    source: str, name: str, asked: object, activity: str, service: str, session: dict[str, Any]
) -> None:
    given, event = Assessment(), by(service, session, source, name, asked)

    assert takers(event) == ["RootApiCall"]
    assert given.assessor.assess(record(event), attempt=1) is ActivityVerdict.ALERTED
    assert [alert.activity for alert in given.bus.alerts] == [activity]


@pytest.mark.parametrize("service", ["cloudformation.amazonaws.com", "AWS Internal"])
@pytest.mark.parametrize(("source", "name", "asked", "activity"), CALLS[:3])
def test_who_makes_or_removes_roots_own_credential_is_reported_whatever_service_it_is(
    source: str, name: str, asked: object, activity: str, service: str
) -> None:
    given, event = Assessment(), by(service, BY_A_KEY, source, name, asked)

    assert takers(event) == ["RootApiCall"]
    assert given.assessor.assess(record(event), attempt=1) is ActivityVerdict.ALERTED
    assert [alert.activity for alert in given.bus.alerts] == [activity]


def test_what_a_service_does_with_an_iam_users_credential_is_its_own_work() -> None:
    given = Assessment()
    event = by("cloudformation.amazonaws.com", BY_A_KEY, "iam", "CreateAccessKey", {"userName": "agent"})

    assert given.assessor.assess(record(event), attempt=1) is ActivityVerdict.SERVICE


def test_the_rules_know_every_call_that_makes_or_removes_a_credential_of_root() -> None:
    rows = [row for row in CALL_ROWS if row.activity in OF_ROOTS_CREDENTIALS]
    names = {name.partition("=")[0] for row in rows if row.shown_by for name in row.shown_by.names}

    assert names
    assert [name for name in names if not name.endswith(CREDENTIAL_CALLS)] == []


@pytest.mark.parametrize("service", ["aws-mcp.amazonaws.com.example", "mcp.amazonaws.com"])
def test_another_service_is_no_mcp_server(service: str) -> None:
    assert takers(by(service, BY_A_KEY, "iam", "CreateUser", None)) == []


FEDERATED = sample("root_federated_session_call")["detail"]["userIdentity"]


@pytest.mark.parametrize("caller", [{}, {"userIdentity": FEDERATED}], ids=["root", "federated"])
@pytest.mark.parametrize("name", ["root_cli_login_authorized", "root_cli_login_refreshed"])
def test_a_command_line_session_has_one_rule_also_where_a_root_key_handed_the_session_out(
    name: str, caller: dict[str, Any]
) -> None:
    event = sample(name, **caller)

    assert classify(record(event), HUB) is Activity.CLI_SESSION
    assert takers(event) == ["RootCliLogin"]


def test_a_federated_user_of_an_iam_user_has_none() -> None:
    by_iam_user = sample("iam_user_federated_session_call")["detail"]["userIdentity"]

    assert takers(sample("root_cli_login_authorized", userIdentity=by_iam_user)) == []
