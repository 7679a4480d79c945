"""Routes: an outcome reaches what it matches, as that takes it; one that fails delays no other."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.organization import Organization
from local.synthesis import configuration_of
from tests.accounts import MEMBER
from tests.assemblies import kept_assembly
from tests.stage import Stage
from tests.wiring.sample_events import sample

pytestmark = pytest.mark.long

HUB = "222233334444"
SECRET = f"arn:aws:secretsmanager:us-east-1:{HUB}:secret"
QUEUE = f"arn:aws:sqs:us-east-1:{HUB}:security-events"
EXAMPLES = Path(__file__).parents[2] / "examples" / "routes"
JIRA, SERVICE_NOW = (
    json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8")) for name in ("jira", "servicenow")
)
ROUTES: list[dict[str, Any]] = [
    {"name": "Pager", "match": {"severity": ["critical"]}, "to": {"pagerduty": f"{SECRET}:pagerduty-AbCdEf"}},
    {
        "name": "Opsgenie",
        "match": {"severity": ["critical"]},
        "to": {"opsgenie": f"{SECRET}:opsgenie-AbCdEf"},
    },
    {"name": "Payments", "match": {"unit": ["ou-ab12-11111111"]}, "to": {"email": "payments@example.com"}},
    {"name": "Legacy", "match": {"unit": ["ou-ab12-22222222"]}, "to": {"email": "legacy@example.com"}},
    {"name": "Siem", "to": {"queue": QUEUE}},
    {"name": "Elsewhere", "match": {"account": ["555566667777"]}, "to": {"queue": QUEUE}},
    JIRA,
    SERVICE_NOW,
]
HOSTS = ("events.pagerduty.com", "api.opsgenie.com", "example.atlassian.net", "example.service-now.com")


class Servers:
    """Plays every host; keeps what each was posted, and refuses for those it is told to."""

    def __init__(self) -> None:
        self.posts: dict[str, list[tuple[str, dict[str, str], Any]]] = {host: [] for host in HOSTS}
        self.refusing: set[str] = set()
        self.servers = {host: ThreadingHTTPServer(("127.0.0.1", 0), self._handler(host)) for host in HOSTS}

    def _handler(self, host: str) -> type[BaseHTTPRequestHandler]:
        servers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if host not in servers.refusing:
                    servers.posts[host].append((self.path, dict(self.headers), body))
                self.send_response(503 if host in servers.refusing else 202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the terminal quiet."""

        return Handler


@pytest.fixture
def servers() -> Iterator[Servers]:
    found = Servers()
    for server in found.servers.values():
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    for server in found.servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture
def routed(stage: Stage, organization: Organization, servers: Servers) -> LocalAws:
    """The organization with every kind of route, and the endpoints played on loopback."""
    changed = replace(
        organization,
        configuration={**organization.configuration, "routes": ROUTES},
        secrets={
            f"{SECRET}:pagerduty-AbCdEf": "R0UT1NGK3Y",
            f"{SECRET}:opsgenie-AbCdEf": "GenieKey 1234",
            JIRA["to"]["https"]["secret_arn"]: "Basic am9lOnRva2Vu",
            SERVICE_NOW["to"]["https"]["secret_arn"]: "Basic am9lOnBhc3M=",
        },
    )
    aws = stage.clean(changed, kept_assembly(configuration_of(changed)))
    aws.endpoints.hosts = {
        f"https://{host}": f"http://127.0.0.1:{server.server_port}"
        for host, server in servers.servers.items()
    }
    return aws


def _happen(aws: LocalAws) -> dict[str, Any]:
    aws.deliver(sample("root_console_login_success_no_mfa"))
    aws.run_until_idle()
    [alert] = [event for event in aws.outcomes if event["detail-type"] == "Root Activity Alert"]
    return dict(alert)


def test_only_what_the_hub_says_goes_by_a_route(routed: LocalAws) -> None:
    events = routed.client("events", account=HUB)
    patterns = [
        json.loads(rule["EventPattern"])
        for bus in events.list_event_buses()["EventBuses"]
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]
    ]
    ours = [pattern for pattern in patterns if pattern.get("source") == ["rootwarden"]]

    assert len(ours) > len(ROUTES)
    assert all(pattern["account"] == [HUB] for pattern in ours)


def test_each_endpoint_gets_what_it_takes_with_its_key(routed: LocalAws, servers: Servers) -> None:
    alert = _happen(routed)

    [(path, headers, body)] = servers.posts["events.pagerduty.com"]
    assert (path, headers["X-Routing-Key"]) == ("/v2/enqueue", "R0UT1NGK3Y")
    assert (body["routing_key"], body["event_action"], body["dedup_key"]) == (
        "R0UT1NGK3Y",
        "trigger",
        alert["id"],
    )
    assert body["payload"]["summary"] == f"rootwarden: critical sign_in_succeeded in account {MEMBER}"
    assert (body["payload"]["severity"], body["payload"]["custom_details"]) == ("critical", alert["detail"])

    [(path, headers, body)] = servers.posts["api.opsgenie.com"]
    assert (path, headers["Authorization"]) == ("/v2/alerts", "GenieKey 1234")
    assert (body["priority"], body["alias"], body["details"]["account"]) == ("P1", alert["id"], MEMBER)

    [(path, headers, body)] = servers.posts["example.atlassian.net"]
    assert (path, headers["Authorization"]) == ("/rest/api/3/issue", "Basic am9lOnRva2Vu")
    assert body["fields"]["summary"] == f"critical: sign_in_succeeded in account {MEMBER}"

    [(path, _, body)] = servers.posts["example.service-now.com"]
    assert path == "/api/now/table/incident"
    assert body["correlation_id"] == alert["id"]


def test_an_address_gets_the_messages_of_its_unit_and_no_alarms(routed: LocalAws, servers: Servers) -> None:
    servers.refusing = {"events.pagerduty.com"}
    _happen(routed)

    to = [message.to for message in routed.messages if message.channel == "email"]
    assert to.count("payments@example.com") == 1
    assert "legacy@example.com" not in to
    assert to.count("security@example.com") > 1


def test_a_route_that_fails_delays_no_other_and_ends_in_its_own_dead_letters(
    routed: LocalAws, servers: Servers
) -> None:
    servers.refusing = {"events.pagerduty.com"}
    _happen(routed)

    assert [len(servers.posts[host]) for host in HOSTS] == [0, 1, 1, 1]
    assert "email" in {message.channel for message in routed.messages}
    queues = {letter.queue for letter in routed.dead_letters}
    assert any("RoutesPagerUndelivered" in queue for queue in queues)
    # The queue of the SIEM does not exist here: that route ends in dead letters as well.
    assert any("RoutesSiemUndelivered" in queue for queue in queues)
    assert not any("Elsewhere" in queue for queue in queues)
    rung = [m.subject for m in routed.messages if "ALARM" in (m.subject or "")]
    assert 'ALARM: "RootWardenHub/Routes/Pager/Undelivered"' in rung
