"""What stops rootctl: one line with the next step, an exit code, never a traceback."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from rootctl.__main__ import main
from rootctl.aws import OLDEST, too_old
from rootctl.errors import Exit
from rootctl.failures import next_step
from rootwarden.aws.clients import refusals
from rootwarden.aws.service_control_policies import ServiceControlPolicies
from tests.rootctl.conftest import MotoOrganization, run
from tests.rootctl.terminal import Ended, run_here, run_installed

CHECKOUT = Path(__file__).parents[2]
NOBODY = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "us-east-1",
}
SOMEBODY = NOBODY | {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


def test_without_a_region_the_sentence_says_what_to_type(tmp_path: Path) -> None:
    environment = {name: value for name, value in SOMEBODY.items() if name != "AWS_DEFAULT_REGION"}

    result = run_here(
        "doctor", environment=environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, directory=tmp_path
    )

    assert "--region us-east-1" in result.out + result.err


def test_a_boto3_that_does_not_know_assume_root_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("botocore.__version__", "1.35.60")
    monkeypatch.setattr("sys.argv", ["rootctl", "preflight"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == Exit.FAILED
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "pip install --upgrade 'boto3>=1.35.61'" in said


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (ValueError("\x1b[31m\nTraceback"), Exit.FAILED, "rootctl: ValueError: \\u001b[31m Traceback. This"),
        (ValueError(), Exit.FAILED, "rootctl --version"),
        (OSError(28, "No space left on device", "page\x1b.html"), Exit.FAILED, "run it again"),
        (UnicodeEncodeError("ascii", "✓", 0, 1, "ordinal not in range"), Exit.FAILED, "rootctl --version"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, "rootctl: interrupted"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_nobody_foresaw_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: Exit,
    said: str,
) -> None:
    def fail() -> None:
        raise raised

    monkeypatch.setattr("rootctl.options.too_old", fail)
    monkeypatch.setattr("sys.argv", ["rootctl", "preflight"])

    with pytest.raises(SystemExit) as ended:
        main()

    line = capsys.readouterr().err
    assert ended.value.code == code
    assert said in line
    assert line.count("\n") == 1
    assert "\x1b" not in line


def test_ctrl_c_before_a_command_began_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(prog_name: str) -> None:
        raise KeyboardInterrupt(prog_name)

    monkeypatch.setattr("rootctl.__main__.app", interrupted)

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == Exit.INTERRUPTED
    assert capsys.readouterr().err == "rootctl: interrupted.\n"


_UNFORESEEN = """
import sys
from rootctl import options
from rootctl.__main__ import main

def fail():
    raise ValueError("\x1b[31m")

options.too_old = fail
sys.argv = ["rootctl", "preflight"]
main()
"""


def test_no_traceback_in_a_process_of_its_own() -> None:
    ended = subprocess.run(  # noqa: S603 - this project's own code
        [sys.executable, "-c", _UNFORESEEN], capture_output=True, text=True, check=False
    )

    assert ended.returncode == Exit.FAILED
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr
    assert "\x1b" not in ended.stderr


def test_the_oldest_boto3_is_the_one_in_the_metadata() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"boto3>={OLDEST}" in project["project"]["dependencies"]


@pytest.mark.parametrize(
    ("version", "is_too_old"),
    [("1.34.162", True), ("1.35.60", True), ("1.35.61", False), ("1.35.100", False), ("1.44.5", False)],
)
def test_versions_are_compared_as_numbers(
    monkeypatch: pytest.MonkeyPatch, version: str, *, is_too_old: bool
) -> None:
    monkeypatch.setattr("botocore.__version__", version)

    assert (too_old() is not None) is is_too_old


@pytest.mark.parametrize(
    ("environment", "arguments", "next_step"),
    [
        (NOBODY, (), "aws sso login"),
        (NOBODY | {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}, (), "Sign in again"),
        (NOBODY, ("--profile", "nobody"), "aws configure list-profiles"),
        (SOMEBODY, ("--region", "no region"), "such as us-east-1"),
        # Nothing listens on the discard port.
        (SOMEBODY | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, (), "Check the network"),
    ],
    ids=["no credentials", "half credentials", "unknown profile", "malformed Region", "no network"],
)
def test_a_failure_before_aws_answers(
    environment: dict[str, str], arguments: tuple[str, ...], next_step: str, tmp_path: Path
) -> None:
    _is_one_line(run_here("preflight", *arguments, environment=environment, directory=tmp_path), next_step)


@pytest.mark.parametrize(
    ("command", "region", "said"),
    [
        ("recovery list", "us-esat-1", "there is no Region us-esat-1 that this rootctl knows. Correct it"),
        ("recovery list", "us-gov-west-1", "Check the network"),
        ("recovery list", "ap-east-1", "Check the network"),
        # A global service has one endpoint, whatever the Region.
        ("preflight", "us-east-1", "Check the network"),
    ],
)
def test_a_region_that_there_is_not_is_not_the_networks_fault(
    command: str, region: str, said: str, tmp_path: Path
) -> None:
    environment = SOMEBODY | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}

    ended = run_here(*command.split(), "--region", region, environment=environment, directory=tmp_path)

    _is_one_line(ended, said)


@pytest.mark.long
def test_a_failure_of_the_installed_command(tmp_path: Path) -> None:
    _is_one_line(run_installed("preflight", environment=NOBODY, directory=tmp_path), "aws sso login")


def _is_one_line(ended: Ended, next_step: str) -> None:
    assert ended.code == Exit.FAILED
    assert next_step in ended.err
    assert ended.err.count("\n") == 1
    assert ended.out == ""


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        ("audit", "--all"),
        ("audit", "--all", "--direct", "--yes"),
        ("harden", "444455556666", "--yes"),
        ("harden", "444455556666", "--yes", "--via-hub"),
        ("harden", "444455556666", "--yes", "--direct"),
        ("unlock", "bucket", "444455556666", "ledger", "--yes", "--reason", "locked"),
        ("recovery", "open", "444455556666", "--hours", "1", "--yes", "--reason", "lost MFA"),
        ("recovery", "list"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    ("environment", "next_step"),
    [(NOBODY, "aws sso login"), (SOMEBODY | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Check the network")],
    ids=["no credentials", "no network"],
)
def test_no_command_shows_a_traceback(
    environment: dict[str, str], next_step: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    once = environment | {"AWS_MAX_ATTEMPTS": "1"}
    _is_one_line(run_here(*command, environment=once, directory=tmp_path), next_step)


@pytest.mark.parametrize(
    ("code", "next_step"),
    [
        ("AccessDeniedException", "management account or of a delegated administrator"),
        ("ExpiredTokenException", "Sign in again"),
        ("UnrecognizedClientException", "Sign in again"),
        ("TooManyRequestsException", "again in a minute"),
        ("AWSOrganizationsNotInUseException", "an account in the organization"),
        ("SomethingNew", "AWS's own"),
    ],
)
@pytest.mark.usefixtures("moto")
def test_what_aws_refuses(monkeypatch: pytest.MonkeyPatch, code: str, next_step: str) -> None:
    def refuse(_policies: ServiceControlPolicies) -> None:
        with refusals():
            raise ClientError({"Error": {"Code": code, "Message": "You\nmay not."}}, "ListPolicies")

    monkeypatch.setattr(ServiceControlPolicies, "names", refuse)
    result = run("preflight")

    assert result.exit_code == Exit.FAILED
    assert result.stderr.startswith(f"rootctl: ListPolicies: {code}: You may not. ")
    assert next_step in result.stderr
    assert result.stderr.count("\n") == 1


_OTHERS = "management account or of a delegated administrator"


@pytest.mark.parametrize(
    ("code", "operation", "message", "step"),
    [
        ("AccessDeniedException", "ListAccounts", "You don't have permissions to access this.", _OTHERS),
        (
            "AccessDeniedException",
            "ListPolicies",
            "is not authorized to perform: organizations:X on",
            _OTHERS,
        ),
        ("AccessDenied", "GetObject", "Access Denied", "Allow GetObject to your credentials"),
        (
            "AccessDenied",
            "ReceiveMessage",
            "not authorized to perform: sqs:receivemessage on resource: x",
            "sqs:",
        ),
        (
            "AccessDeniedException",
            "FilterLogEvents",
            "User: arn:aws:iam::1:user/x is not authorized to perform: logs:FilterLogEvents on resource: y",
            "Allow logs:FilterLogEvents to your credentials, or use others (--profile).",
        ),
        ("LoginRefreshRequired", None, "Your session has expired.", "aws login"),
        ("LoginTokenLoadError", None, "", "Sign in again"),
    ],
)
def test_the_next_step_is_about_the_call(code: str, operation: str | None, message: str, step: str) -> None:
    said = next_step(code, operation, message)

    assert step in said
    assert (_OTHERS in said) == (step == _OTHERS)


def test_a_policy_that_cannot_be_read_is_named(moto: MotoOrganization) -> None:
    policy = moto.attach("odd", moto.root, Action={"no": "text"})

    result = run("preflight")

    assert result.exit_code == Exit.FAILED
    assert policy in result.stderr
    assert "Denied" not in result.stdout
