"""Calls without a client send what the client would, and fail as it does."""

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError

from lambdas.adapters.refusals import refusals
from lambdas.adapters.root_credentials import IamAuditSession
from lambdas.adapters.root_session_clients import signed_with
from lambdas.adapters.root_session_pool import RootSessionPool
from lambdas.adapters.root_sessions import AUDIT, RootSessionKeys, assume_root
from lambdas.adapters.sweep_sessions import SweepSessions, sweep_sessions
from lambdas.domain.hardening.removal import CallRefused
from tests.unit.given import MEMBER
from tests.unit.sweep_aws import WireAws

KEYS = RootSessionKeys("ASIA0000", "secret", "token")


class NoRegister:
    """Keeps nothing: no session is used here."""

    def remember(self, access_key_id: str, opener: str) -> None:
        """Keep nothing."""

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Keep nothing."""


Asking = Callable[[RootSessionPool], object]


def _open(pool: RootSessionPool) -> object:
    return assume_root(pool.sts, MEMBER, AUDIT)


def _look(pool: RootSessionPool) -> object:
    with signed_with(KEYS):
        return IamAuditSession(pool.iam).posture()


BOTH = pytest.mark.parametrize("ask", [_open, _look])


@pytest.fixture(params=["eu-west-1", "us-gov-west-1", "cn-north-1"])
def sessions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SweepSessions:
    """A worker's sessions, in a Region of each partition."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", request.param)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return sweep_sessions(2, 1000, NoRegister())


def _sent(pool: RootSessionPool, ask: Asking) -> AWSPreparedRequest:
    """Return the request that a pool makes."""
    sent: list[AWSPreparedRequest] = []
    wire = WireAws()

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent.append(request)
        return wire._answer(request)  # noqa: SLF001 - as its own handler does

    for events in (pool.sts.meta.events, pool.iam.meta.events):
        events.register_first("before-send", answer, unique_id="a test's")
    ask(pool)
    for events in (pool.sts.meta.events, pool.iam.meta.events):
        events.unregister("before-send", unique_id="a test's")
    [request] = sent
    return request


def _scope(request: AWSPreparedRequest) -> str:
    """Return whose key signed a request, and for which Region and service."""
    found = re.search(r"Credential=([^/]+)/\d+/([^,]+),", _text(request.headers["Authorization"]))
    assert found
    return f"{found[1]} {found[2]}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@BOTH
def test_they_send_what_the_client_sends(sessions: SweepSessions, ask: Asking) -> None:
    own, clients = _sent(sessions.audits, ask), _sent(sessions.hardening, ask)

    assert (own.method, own.url, _scope(own)) == (clients.method, clients.url, _scope(clients))
    assert parse_qs(_text(own.body)) == parse_qs(_text(clients.body))
    for header in ("Content-Type", "X-Amz-Security-Token", "User-Agent"):
        assert _text(own.headers.get(header)) == _text(clients.headers.get(header))


def test_a_call_that_no_root_session_signs_is_not_made(sessions: SweepSessions) -> None:
    with pytest.raises(LookupError):
        IamAuditSession(sessions.audits.iam).posture()


class Aws(BaseHTTPRequestHandler):
    """Answers every request with the same."""

    protocol_version = "HTTP/1.1"
    answer: ClassVar[tuple[int, str]] = (200, "")

    def do_POST(self) -> None:
        """Answer."""
        status, text = self.answer
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """AWS on this machine, for clients that are made from now on."""
    with HTTPServer(("127.0.0.1", 0), Aws) as found:
        thread = Thread(target=found.serve_forever, daemon=True)
        thread.start()
        for service in ("STS", "IAM"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{found.server_port}")
        yield found
        found.shutdown()
        thread.join()


def _xml(code: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>why</Message></Error></ErrorResponse>"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((403, _xml("AccessDenied")), ("AccessDenied", False)),
        ((400, _xml("Throttling")), ("Throttling", False)),
        ((503, _xml("ServiceUnavailable")), ("ServiceUnavailable", True)),
        ((503, "<html>no healthy upstream</html>"), ("503", True)),
        ((502, ""), ("502", True)),
        ((200, "<half"), ("ResponseParserError", False)),
    ],
    ids=["denied", "throttled", "unavailable", "a page", "nothing", "half"],
)
@BOTH
def test_they_fail_as_the_client_does(
    server: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    ask: Asking,
    answer: tuple[int, str],
    expected: tuple[str, bool],
) -> None:
    assert server
    monkeypatch.setattr(Aws, "answer", answer)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    sessions = sweep_sessions(2, 1000, NoRegister())

    for pool in (sessions.audits, sessions.hardening):
        with pytest.raises(CallRefused) as refused, refusals():
            ask(pool)
        assert (refused.value.code, refused.value.may_pass) == expected


@BOTH
def test_a_server_that_is_not_there_may_come_back(server: HTTPServer, ask: Asking) -> None:
    sessions = sweep_sessions(2, 1000, NoRegister())
    server.server_close()

    with pytest.raises(CallRefused) as refused, refusals():
        ask(sessions.audits)

    assert refused.value.may_pass


def test_a_request_in_two_parts_does_not_wait_between_them(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server
    options: list[object] = []
    monkeypatch.setattr(
        "urllib3.util.connection._set_socket_options", lambda _socket, given: options.extend(given)
    )
    monkeypatch.setattr(Aws, "answer", (403, _xml("AccessDenied")))
    with pytest.raises(CallRefused):
        _look(sweep_sessions(2, 1000, NoRegister()).audits)

    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in options


def test_errors_keep_awss_words() -> None:
    sessions = sweep_sessions(2, 1000, NoRegister())
    wire = WireAws(refused={MEMBER: ["AccessDenied"]})
    wire.answer_for(sessions.audits.sts)

    with pytest.raises(ClientError, match=r"\(AccessDenied\) when calling the AssumeRoot operation: refused"):
        sessions.audits.sts.assume_root(
            TargetPrincipal=MEMBER, TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/root-task/x"}
        )
