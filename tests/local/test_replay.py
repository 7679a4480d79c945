import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.synthesis import PROJECT
from tests.local.conftest import Command

EVENTS = Path(__file__).parent.parent / "events"
CREATED = EVENTS / "create_account_result_succeeded.json"
SIGNED_IN = EVENTS / "root_console_login_success_no_mfa.json"
BROKEN = EVENTS / "create_account_result_malformed_account_id.json"
NOTHING = {"password": False, "accessKeys": False, "signingCertificates": False, "mfaDevices": False}


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(document: object, name: str = "event.json") -> Path:
        text = document if isinstance(document, str) else json.dumps(document)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def replayed(command: Command, assembly: Path) -> Any:
    """What a program gets of three events, the first from standard input."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(CREATED.read_text(encoding="utf-8")))
        arguments = ("-", SIGNED_IN, BROKEN, "--json", "--assembly", assembly, "--at", "2026-06-01T12:00:00")
        printed = command("replay", *arguments)
    assert printed.code == 0
    return json.loads(printed.out)


@pytest.mark.long
def test_a_new_account_is_hardened(replayed: Any) -> None:
    outcome, _ = replayed["outcomes"]
    assert outcome["detail"]["result"] == "hardened"
    assert outcome["time"] == "2026-06-01T12:00:00Z"
    assert replayed["posture"]["444455556666"] == NOTHING
    assert replayed["posture"]["555566667777"]["password"]
    assert replayed["lost"] == []
    assert {message["channel"] for message in replayed["messages"]} == {"email", "chat", "slack"}
    assert replayed["events"][0]["origin"] == "standard input"
    assert len(replayed["events"][0]["rules"]) == 2
    assert "logs" not in replayed


def test_calls_are_listed_in_order_with_their_accounts(replayed: Any) -> None:
    calls = [
        (call["operation"], call["account"])
        for call in replayed["calls"]
        if call["service"] in ("sts", "iam")
    ]
    hub, member = "222233334444", "444455556666"
    assert calls[:2] == [("AssumeRoot", hub), ("GetAccountSummary", member)]
    assert calls[-1] == ("GetAccountSummary", member)
    (deleted,) = (call for call in replayed["calls"] if call["operation"] == "DeleteLoginProfile")
    assert deleted["principal"] == "arn:aws:iam::444455556666:root"
    assert deleted["errorCode"] is None


def test_a_member_s_root_activity_alerts(replayed: Any) -> None:
    _, outcome = replayed["outcomes"]
    assert outcome["detail-type"] == "Root Activity Alert"
    assert outcome["detail"]["severity"] == "critical"


def test_an_event_that_cannot_be_handled_ends_in_a_dead_letter_queue(replayed: Any) -> None:
    (letter,) = replayed["deadLetters"]
    assert json.loads(letter["body"])["detail"]["eventName"] == "CreateAccountResult"
    assert letter["reason"]


def test_everything_is_printed_for_people(command: Command, assembly: Path, written: Any) -> None:
    events = written([json.loads(path.read_text(encoding="utf-8")) for path in (CREATED, SIGNED_IN)])
    stranger = EVENTS / "iam_user_console_login.json"
    printed = command("replay", events, stranger, "--calls", "--logs", "--assembly", assembly)
    assert printed.code == 0
    assert "✔ hardened  payments-prod (444455556666)" in printed.out
    assert "CRITICAL   payments-prod (444455556666)  ConsoleLogin" in printed.out
    assert "Subject: [rootwarden] CRITICAL payments-prod (444455556666)" in printed.out
    assert "🚨 CRITICAL payments-prod" in printed.out
    assert printed.out.count("reached no rule") == 1
    assert "Dead-letter queues: none" in printed.out
    assert "sts:AssumeRoot" in printed.out
    assert "root session IAMDeleteRootUserCredentials" in printed.out
    assert '"message": "root session opened"' in printed.out


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "event.json is not JSON"),
        ("[" * 100_000, "event.json is nested too deeply"),
        ("[]", "event.json holds an empty list"),
        ("7", "event.json: an event is a JSON object, not int"),
        ('[{"source": "aws.iam"}]', "event.json[0]: the event has no 'detail-type'"),
        (
            '{"source": "a", "detail-type": "b", "account": 1, "region": "c", "detail": {}}',
            "the event's 'account' takes text: 1",
        ),
        (
            '{"source": "a", "detail-type": "b", "account": "c", "region": "d", "detail": []}',
            "the event's 'detail' takes an object: []",
        ),
    ],
)
def test_malformed_events_are_refused_in_one_line(
    command: Command, written: Any, document: str, complaint: str
) -> None:
    printed = command("replay", written(document))
    assert (printed.code, printed.out) == (2, "")
    assert complaint in printed.err
    assert len(printed.err.splitlines()) == 1


@pytest.mark.long
def test_an_unknown_region_is_refused(command: Command, assembly: Path, written: Any) -> None:
    event = json.loads(CREATED.read_text(encoding="utf-8")) | {"region": "mars-1"}
    printed = command("replay", written(event), "--assembly", assembly)
    assert printed.code == 2
    assert printed.err.splitlines()[-1] == "python -m local: there is no Region 'mars-1'"


def test_a_missing_file_is_refused(command: Command) -> None:
    printed = command("replay", "nowhere.json")
    assert printed.code == 2
    assert printed.err == "python -m local: nowhere.json cannot be read: No such file or directory\n"


def test_unknown_keys_of_an_organization_are_refused(command: Command, written: Any) -> None:
    organization = written("organization_id: o-aa111bb222\nacounts: []\n", "org.yaml")
    printed = command("replay", CREATED, "--organization", organization)
    assert printed.code == 2
    assert "acounts: unknown; " in printed.err
    assert "management_account: missing" in printed.err


def test_one_mistake_of_an_organization_takes_one_line(command: Command, written: Any) -> None:
    organization = written(
        'organization_id: o-aa111bb222\nmanagement_account: {id: "111122223333", name: management}\n'
        'hub: {account: "222233334444", regionn: eu-west-1}\n',
        "org.yaml",
    )
    printed = command("replay", CREATED, "--organization", organization)
    assert printed.code == 2
    assert printed.err.endswith("hub.regionn: unknown; local/organization.example.yaml has every key\n")
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [("replay",), ("replay", CREATED, "--at", "noon"), ("replay", CREATED, "--assembly", ".")]
)
def test_bad_arguments_are_refused_in_one_line(command: Command, arguments: tuple[object, ...]) -> None:
    printed = command(*arguments)
    assert printed.code == 2
    assert len(printed.err.splitlines()) == 1


@pytest.mark.long
def test_the_command_as_people_call_it(assembly: Path) -> None:
    completed = subprocess.run(  # noqa: S603 # this project's own command
        [sys.executable, "-m", "local", "replay", CREATED, "--json", "--assembly", assembly],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout)["posture"]["444455556666"] == NOTHING
