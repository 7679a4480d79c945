"""Posting to Slack, against a web server on loopback."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import boto3
import pytest
import urllib3
from botocore.stub import Stubber

from rootwarden.aws.notifications import NotTaken, SlackWebhook
from rootwarden.claims import RetryLater
from rootwarden.refusals import CallRefused
from tests.unit.log_lines import captured_log

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MESSAGE: dict[str, object] = {"text": "root signed in without MFA"}
ARN = "arn:aws:secretsmanager:us-east-1:222233334444:secret:slack-AbCdEf"
PATH = "/services/T000/B000/verysecret"


@dataclass
class Slack:
    """A web server that answers as it is told and keeps what it was sent."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    received: list[object] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def slack() -> Iterator[Slack]:
    given = Slack()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            given.received.append((self.path, json.loads(self.rfile.read(length))))
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok" if given.status == 200 else b"invalid_payload")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing on the console."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        given.url = f"http://127.0.0.1:{server.server_port}{PATH}"
        yield given
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def secrets() -> "SecretsManagerClient":
    return boto3.client("secretsmanager")


Post = Callable[[dict[str, object]], None]


@pytest.fixture
def posted(secrets: "SecretsManagerClient") -> Post:
    """Post the message with what Secrets Manager answers."""

    def post(answer: dict[str, object]) -> None:
        with Stubber(secrets) as stub:
            if "code" in answer:
                stub.add_client_error("get_secret_value", str(answer["code"]))
            else:
                stub.add_response("get_secret_value", answer, {"SecretId": ARN})
            SlackWebhook(secrets, ARN, urllib3.PoolManager()).post(MESSAGE)

    return post


def test_a_message_is_posted(slack: Slack, posted: Post) -> None:
    posted({"SecretString": f" {slack.url}\n"})

    assert slack.received == [(PATH, MESSAGE)]


def test_too_many_messages_wait(slack: Slack, posted: Post) -> None:
    slack.status, slack.headers = 429, {"Retry-After": "7"}

    with pytest.raises(RetryLater, match="wait 7 seconds"):
        posted({"SecretString": slack.url})


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_any_other_answer_is_not_taken(slack: Slack, posted: Post, status: int) -> None:
    slack.status, slack.headers = status, {"Location": slack.url}

    with pytest.raises(NotTaken, match=f"Slack answered {status}: b'invalid_payload'"):
        posted({"SecretString": slack.url})

    assert len(slack.received) == 1


def test_an_unreachable_slack_is_told_without_the_address(posted: Post) -> None:
    with captured_log() as log, pytest.raises(NotTaken, match="cannot be reached") as told:
        posted({"SecretString": f"http://127.0.0.1:1{PATH}"})

    assert "verysecret" not in f"{told.value!r} {told.value.__cause__}"
    assert not any("verysecret" in str(record.__dict__) for record in log.records)


@pytest.mark.parametrize(
    "secret",
    [
        {"SecretString": "http://hooks.slack.com/services/verysecret"},
        {"SecretString": "verysecret"},
        {"SecretString": '{"url": "verysecret"}'},
        {"SecretBinary": b"verysecret"},
    ],
    ids=["http", "no address", "JSON", "binary"],
)
def test_a_secret_that_holds_no_address_is_told_without_it(posted: Post, secret: dict[str, object]) -> None:
    with pytest.raises(NotTaken, match="holds no https:// address") as told:
        posted(secret)

    assert "verysecret" not in str(told.value)


def test_an_address_that_is_none_is_not_taken(posted: Post) -> None:
    with pytest.raises(NotTaken):
        posted({"SecretString": "https://"})


def test_a_missing_secret_is_refused_with_awss_reason(posted: Post) -> None:
    with pytest.raises(CallRefused, match="ResourceNotFoundException"):
        posted({"code": "ResourceNotFoundException"})
