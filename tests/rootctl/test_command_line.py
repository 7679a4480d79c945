"""What every command has in common: help, account names, questions, error lines, tables at 80 columns."""

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import typer
from rich.console import Console, RenderableType

from rootctl.account_rows import table_of_rows
from rootctl.app import COMMANDS, app
from rootctl.checks.context import unknown, wrong
from rootctl.commands.doctor import Diagnosis
from rootctl.commands.redrive import waiting_table
from rootctl.consent import ask
from rootctl.dead_letters import DeadLetter, DeadLetterGroup, Kind
from rootctl.errors import Exit
from rootctl.failures import next_step
from rootctl.hardening import Hardening, How, exit_of
from rootctl.options import RunOptions, as_command
from rootctl.output import Output, csv_of, print_whole
from rootwarden.accounts import Account
from rootwarden.events import AccountId, Fields
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.rootctl.conftest import MotoOrganization, preflight, run
from tests.stage import START

ACCOUNT = AccountId("444455556666")
PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>squid</body></html>"


def _commands() -> list[tuple[str, ...]]:
    groups = {(): app, ("recovery",): app.registered_groups[0].typer_instance}
    return [
        (*path, command.name or (command.callback.__name__ if command.callback else ""))
        for path, group in groups.items()
        if group
        for command in group.registered_commands
    ]


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_each_commands_help_has_examples_and_a_short_option(command: tuple[str, ...]) -> None:
    short, long = run(*command, "-h"), run(*command, "--help")

    assert (short.exit_code, short.stdout) == (Exit.DONE, long.stdout)
    assert f"• rootctl {' '.join(command)}" in short.stdout
    assert "Exit codes: 0" in short.stdout


@pytest.mark.parametrize(
    "arguments", [("--\x1b[31mred",), ("audit", "--output", "\x1b[31mred"), ("\x1b]0;no",)]
)
def test_wrong_usage_is_one_inert_line(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == Exit.USAGE
    assert result.stderr.startswith("rootctl: ")
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr
    assert "--help" in result.stderr


def test_an_account_is_named_as_the_console_shows_it_or_by_its_name(moto: MotoOrganization) -> None:
    shown = f"{moto.payments[:4]}-{moto.payments[4:8]}-{moto.payments[8:]}"

    for text in (moto.payments, shown, "payments", "Payments"):
        assert preflight("--account", text)["accounts"] == 1, text


@pytest.mark.parametrize(
    ("text", "said"),
    [("paymemts", "is named 'paymemts'"), ("4444-5555-666", "12 digits"), ("44", "12 digits")],
)
@pytest.mark.usefixtures("moto")
def test_an_account_that_is_not_there_is_wrong_usage(text: str, said: str) -> None:
    result = run("preflight", "--account", text)

    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_name_that_two_accounts_have_is_refused_with_both_ids(moto: MotoOrganization) -> None:
    created = moto.client.create_account(AccountName="payments", Email="second@example.com")
    second = created["CreateAccountStatus"]["AccountId"]

    result = run("preflight", "--account", "payments")

    assert result.exit_code == Exit.USAGE
    assert "2 accounts are named 'payments'" in result.stderr
    assert moto.payments in result.stderr
    assert second in result.stderr


class _Proxy(BaseHTTPRequestHandler):
    """Answers whatever is asked with a page."""

    status = 502

    def do_POST(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Proxy]]:
    handler = type("Proxy", (_Proxy,), {})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    variables = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_MAX_ATTEMPTS": "1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("rootwarden.aws.clients.PATIENT.retries", {"max_attempts": 1, "mode": "standard"})
    yield handler
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [200, 403, 502])
@pytest.mark.parametrize("command", [("preflight",), ("report",)])
def test_a_page_that_is_not_awss_is_said_in_one_line(
    proxy: type[_Proxy], command: tuple[str, ...], status: int
) -> None:
    proxy.status = status

    result = run(*command)

    assert result.exit_code == Exit.FAILED
    assert "such as a proxy" in result.stderr
    assert "squid" not in result.stderr
    assert result.stderr.count("\n") == 1


class _Interrupted:
    """Standard input at which a person presses Ctrl-C."""

    def readline(self) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_at_a_question_is_an_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def question(_run: RunOptions) -> None:
        ask("This goes.", "Remove it?", yes=False)

    monkeypatch.setattr("sys.stdin", _Interrupted())

    with pytest.raises(typer.Exit) as ended:
        as_command(question)(profile=None, region=None, output=Output.TABLE)

    assert ended.value.exit_code == Exit.INTERRUPTED
    assert "rootctl: interrupted. Nothing was changed." in capsys.readouterr().err


def _preview(kept: str | None) -> Fields:
    key = {"kind": "access_key", "id": "AKIAROOT", "kept": kept}
    posture = {"password": False, "accessKeys": True, "signingCertificates": False, "mfaDevices": False}
    about = {"account": {"id": ACCOUNT, "name": "payments-prod"}, "before": posture}
    return Fields({"result": "would_remove", "credentials": [key], **about})


def test_where_everything_stays_nothing_is_offered_and_nothing_asked_for() -> None:
    requests: list[object] = []

    def answer(request: object) -> Fields:
        requests.append(request)
        return _preview("used 2 days ago")

    hardening = Hardening(answer, {})
    [ending] = hardening.harden(hardening.preview([ACCOUNT]))

    assert (ending.how, ending.to_be_removed, len(ending.left)) == (How.PARTIAL, (), 1)
    assert exit_of([ending]) is Exit.FINDINGS
    assert len(requests) == 1


def _text(shown: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=80, markup=False, highlight=False)
    print_whole(console, shown)
    return str(console.file.getvalue())  # type: ignore[attr-defined] # it is a StringIO


LONG = "a-name-that-is-longer-than-what-most-people-would-call-an-account-of-theirs"
ROW = AccountRow(
    account=Account(account_id=ACCOUNT, name=LONG, state="ACTIVE"),
    result=RowResult.UNREACHABLE,
    audited_at=START,
    posture=None,
    code="AccessDenied",
    message=f"User: arn:aws:sts::222233334444:assumed-role/Operator/{LONG} is not authorized",
)
LETTER = DeadLetter(
    message_id="1", account=ACCOUNT, event="CreateAccountResult", why=LONG, age=timedelta(days=2)
)
GROUP = DeadLetterGroup(
    function="assess_root_activity", kind=Kind.UNDELIVERED, queue="", goes_to="", count=1, letters=(LETTER,)
)


@pytest.mark.parametrize("table", [table_of_rows([ROW]), waiting_table([GROUP])], ids=["audit", "redrive"])
def test_tables_hold_at_80_columns(table: RenderableType) -> None:
    text = _text(table)

    assert max(map(len, text.splitlines())) <= 80
    assert ACCOUNT in text


def test_a_cause_that_checks_share_is_shown_once_and_counted_for_each() -> None:
    again = next_step("ExpiredToken", None)
    results = [
        ("caller", unknown("ExpiredToken: The security token is expired", remedy=again)),
        ("hub", unknown("ExpiredTokenException: The token has expired", remedy=again)),
        ("rules", wrong("off", remedy="on")),
        ("trail", unknown("no stack", remedy="make deploy")),
        ("queues", unknown("no stack", remedy="make deploy")),
    ]
    diagnosis = Diagnosis(results)

    text = " ".join(_text(diagnosis.table()).split())

    assert text.count("ExpiredToken") == text.count("Sign in again") == text.count("no stack") == 1
    assert "For the same reason not checked: hub →" in text
    assert "For the same reason not checked: queues" in text
    assert "1 wrong, 4 could not be checked, 0 ok." in text


def test_csv_is_inert() -> None:
    text = csv_of(["\x1b[31mred", "=cmd()"], {"name": lambda each: each, "many": lambda each: [each, "b"]})

    assert text == "name,many\n\\u001b[31mred,\\u001b[31mred b\n'=cmd(),'=cmd() b\n"


def test_version_and_help_wait_for_no_aws_library() -> None:
    # Given a Python of its own, which has imported nothing yet
    program = (
        "import sys; from typer.testing import CliRunner; from rootctl.app import app\n"
        "for arguments in (['--version'], ['-h'], ['recovery', '-h'], []):\n"
        "    assert 'rootctl' in CliRunner().invoke(app, arguments).output\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & set(sys.argv[1:])))"
    )
    slow = ("boto3", "botocore", "aws_lambda_powertools", "msgspec")
    ended = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", program, *slow], capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("[]\n", "")


def test_help_of_all_has_the_summary_of_each_command() -> None:
    listed = " ".join(run("-h").output.replace("\u2502", " ").split())
    for name, command in COMMANDS.items():
        assert f"{name} {' '.join(command.summary().split())}" in listed
