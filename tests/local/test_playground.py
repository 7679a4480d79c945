import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.commands.http_server import EVENTS, RESULTS
from local.synthesis import PROJECT
from tests.local.conftest import Command

pytestmark = pytest.mark.long

CREATED = Path(__file__).parent.parent / "events" / "create_account_result_succeeded.json"
AUDIT = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
LONGEST_WAIT = 20
EXAMPLE = PROJECT / "local" / "organization.example.yaml"
PLAYGROUND = (sys.executable, "-m", "local", "playground")


class Served:
    """`python -m local playground --organization` in a process of its own.

    Functions borrow their process's environment variables and output while they run, so a thread of
    this process must not work for them while pytest uses both.
    """

    def __init__(self, assembly: Path) -> None:
        self._assembly = assembly
        self._process: subprocess.Popen[str] | None = None
        self.welcome = ""

    @property
    def url(self) -> str:
        if self._process is None:
            self._start()
        [url] = re.findall(r'export AWS_ENDPOINT_URL="(\S+)"', self.welcome)
        return str(url)

    def _start(self) -> None:
        self._process = process = subprocess.Popen(  # noqa: S603 # this project's own command
            [*PLAYGROUND, "--organization", EXAMPLE, "--port", "0", "--assembly", self._assembly],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        self.welcome = ""
        for line in process.stdout:
            self.welcome += line
            if "What happens is printed here" in line:
                return
        pytest.fail(f"it stopped at once: {process.communicate()[1]}")

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit code and what was printed after the welcome."""
        assert self._process
        process, self._process = self._process, None
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=LONGEST_WAIT)
        return process.returncode, rest

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()


@pytest.fixture(scope="module")
def served(assembly: Path) -> Iterator[Served]:
    with closing(Served(assembly)) as server:
        yield server


@pytest.fixture
def url(served: Served) -> str:
    return served.url


def client(url: str, service: str, credentials: dict[str, str] | None = None) -> Any:
    keys = credentials or {"AccessKeyId": "AKIAADMINISTRATOR000", "SecretAccessKey": "anything"}
    session: Any = boto3.Session()
    return session.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
    )


def request(url: str, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, json.load(answer)


def results(url: str) -> dict[str, Any]:
    _, document = request(url, "GET", RESULTS)
    return dict(document)


def wait_for(url: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    end = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < end:
        found = results(url)
        if condition(found):
            return found
        time.sleep(0.1)
    pytest.fail(f"it did not happen within {LONGEST_WAIT} seconds")


def test_assume_root_as_a_client_sees_it(url: str) -> None:
    sts = client(url, "sts")
    credentials = sts.assume_root(TargetPrincipal="555566667777", TaskPolicyArn=AUDIT)["Credentials"]
    iam = client(url, "iam", credentials)
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    with pytest.raises(ClientError) as refused:
        iam.delete_login_profile()
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_the_management_account_is_out_of_reach(url: str) -> None:
    with pytest.raises(ClientError) as refused:
        client(url, "sts").assume_root(TargetPrincipal="111122223333", TaskPolicyArn=AUDIT)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_members_are_entered_by_assuming_their_role(url: str) -> None:
    role = "arn:aws:iam::444455556666:role/OrganizationAccountAccessRole"
    answer = client(url, "sts").assume_role(RoleArn=role, RoleSessionName="me")
    identity = client(url, "sts", answer["Credentials"]).get_caller_identity()
    assert identity["Account"] == "444455556666"


def test_a_delivered_event_leads_to_a_hardened_account(url: str) -> None:
    _, answer = request(url, "POST", EVENTS, CREATED.read_bytes())
    assert len(answer["rules"][0]) == 2
    told = "[rootwarden] INFO payments-prod (444455556666): root credentials removed"
    found = wait_for(url, lambda now: any(m["subject"] == told for m in now["messages"]))
    assert not any(found["posture"]["444455556666"].values())


def test_a_created_account_is_checked(url: str) -> None:
    created = client(url, "organizations").create_account(Email="root@fresh.example", AccountName="fresh")
    account = created["CreateAccountStatus"]["AccountId"]
    outcomes = wait_for(
        url, lambda now: any(o["detail"]["account"]["id"] == account for o in now["outcomes"])
    )["outcomes"]
    (outcome,) = (o for o in outcomes if o["detail"]["account"]["id"] == account)
    assert outcome["detail"]["result"] == "clean"


def test_put_events_starts_rules_but_cannot_forge_events_of_aws(url: str) -> None:
    events = client(url, "events")
    entry = {"Source": "aws.organizations", "DetailType": "x", "Detail": "{}"}
    answer = events.put_events(Entries=[entry, {**entry, "Source": "mine"}])
    assert [e.get("ErrorCode") for e in answer["Entries"]] == ["NotAuthorizedForSourceException", None]


@pytest.mark.parametrize("body", [b"{", b"[7]", b"{}"])
def test_what_is_no_event_is_refused(url: str, body: bytes) -> None:
    status, answer = request(url, "POST", EVENTS, body)
    assert status == 400
    assert answer["error"]


def test_other_paths_of_its_own_are_explained(url: str) -> None:
    status, answer = request(url, "GET", "/_rootwarden/")
    assert status == 404
    assert EVENTS in answer["error"]


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_bad_port_is_refused_in_one_line(command: Command, port: str) -> None:
    printed = command("playground", "--port", port)
    assert printed.code == 2
    assert len(printed.err.splitlines()) == 1


def test_a_port_in_use_is_refused_in_one_line(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        printed = command("playground", "--port", port)
    assert printed.code == 2
    expected = f"python -m local: cannot listen on 127.0.0.1, port {port}: Address already in use\n"
    assert printed.err == expected


def test_the_command_says_what_to_export_and_stops_at_ctrl_c(served: Served, url: str) -> None:
    assert "export AWS_ACCESS_KEY_ID=" in served.welcome
    assert "rootctl harden 444455556666 --dry-run" in served.welcome
    assert "media-archive" not in served.welcome
    assert "payments-prod  444455556666" in served.welcome
    assert url in served.welcome
    code, rest = served.interrupt()
    assert code == 0
    assert rest.endswith("Stopped.\n")
