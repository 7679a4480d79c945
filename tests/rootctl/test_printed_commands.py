"""Commands that rootctl prints ask the deployment, the Region and the profile that it was asked with."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.core import TyperGroup

from local.aws import LocalAws
from local.organization import Organization
from rootctl.alert_channels import subscribe_command
from rootctl.app import app
from rootctl.checks.access import SimulatedPermissions
from rootctl.checks.context import wrong
from rootctl.commands.doctor import Diagnosis
from rootctl.errors import Exit
from rootctl.output import print_whole
from rootctl.printed_commands import asked_with, complete
from rootwarden.messages.message import of_deployment
from tests.accounts import CLEAN, EXPOSED, REASON
from tests.rootctl.conftest import operate, run
from tests.rootctl.drilled import drilling, rules_off
from tests.stage import Stage
from tests.wiring.locked import clear, locked_bucket

_GIVEN = ("--name-prefix", "second", "--region", "us-east-1", "--profile", "security team")
_OPTIONS = "--name-prefix second --region us-east-1 --profile 'security team'"
# Of what the drill has for a reason, the commands are told by what follows.
_COMMAND = re.compile(r"\brootctl (?!drill 20)(?:recovery )?[a-z][a-z-]*")

# These are refused as they stand where no account follows.
_OF_AN_ACCOUNT = {"rootctl audit", "rootctl harden", "rootctl recovery close", "rootctl drill"}
_ACCOUNT = re.compile(f" {re.escape(_OPTIONS)} (?:[0-9]{{12}}|--all)")


@pytest.mark.parametrize(
    ("given", "step", "typed"),
    [
        (("", None, None), "rootctl doctor", "rootctl doctor"),
        (("b", None, None), "See: rootctl harden 1, then.", "See: rootctl harden --name-prefix b 1, then."),
        (("", "eu-west-1", "p q"), "rootctl plan", "rootctl plan --region eu-west-1 --profile 'p q'"),
        (
            ("b", None, "ops"),
            "rootctl doctor --profile NAME --region REGION, or make deploy",
            "rootctl doctor --name-prefix b --profile NAME --region REGION, or make deploy",
        ),
        # Each command is looked at by itself, and what is said besides is none of it.
        (
            ("", None, "ops"),
            "With --profile: rootctl doctor --profile NAME; rootctl recovery list. --profile",
            "With --profile: rootctl doctor --profile NAME; rootctl recovery list --profile ops. --profile",
        ),
        (
            ("", None, "ops"),
            "rootctl doctor --management-profile NAME",
            "rootctl doctor --profile ops --management-profile NAME",
        ),
        # No commands: prose, what a drill has for a reason, and what takes no prefix.
        (("b", None, None), "This rootctl cannot read that.", "This rootctl cannot read that."),
        (("b", None, None), "rootctl drill 2026-06-01 12:00:00 UTC", "rootctl drill 2026-06-01 12:00:00 UTC"),
        (("b", None, None), "rootctl init asks", "rootctl init asks"),
    ],
)
def test_a_commands_options_are_added_once(
    given: tuple[str, str | None, str | None], step: str, typed: str
) -> None:
    assert of_deployment(step, *given) == typed
    assert of_deployment(typed, *given) == typed


def test_every_command_that_asks_a_deployment_is_known() -> None:
    named = [
        f"rootctl {name}"
        for name, options in _commands(typer.main.get_command(app))
        if {"--name-prefix", "--region", "--profile"} <= options
    ]

    assert len(named) > 10
    assert [each for each in named if of_deployment(each, "b") != f"{each} --name-prefix b"] == []


def _commands(group: Any, before: str = "") -> list[tuple[str, set[str]]]:
    context = typer.Context(group)
    found: list[tuple[str, set[str]]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            found += _commands(command, f"{name} ")
        else:
            found.append(
                (f"{before}{name}", {each for parameter in command.params for each in parameter.opts})
            )
    return found


def test_nothing_is_added_after_the_command() -> None:
    with asked_with("b", None, None):
        assert complete("rootctl plan") == "rootctl plan --name-prefix b"
    assert complete("rootctl plan") == "rootctl plan"


def test_a_command_of_aws_runs_as_the_profile_that_was_given() -> None:
    may = SimulatedPermissions(None, "arn:aws:iam::222233334444:role/Admin")  # type: ignore[arg-type]
    with asked_with("", None, "security team"):
        grant = may.granting("rootctl-report", ["s3:GetObject"], ["*"])
        subscribe = subscribe_command("arn:aws:sns:us-east-1:222233334444:alerts", "email", "a@example.com")

    assert grant.endswith("}' --profile 'security team'")
    assert subscribe.endswith(" a@example.com --profile 'security team'")
    assert "--profile" not in may.granting("rootctl-report", ["s3:GetObject"], ["*"])


@pytest.mark.parametrize(
    ("remedy", "has_profiles", "is_said"),
    [
        ("aws iam enable-organizations-root-sessions", True, True),
        ("aws iam enable-organizations-root-sessions", False, False),
        ("aws sns subscribe --profile ops", True, False),
        ("rootctl redrive notify", True, False),
    ],
)
def test_a_doctor_says_once_as_whom_other_commands_of_aws_run(
    remedy: str, *, has_profiles: bool, is_said: bool
) -> None:
    found = [("features", wrong("it is off", remedy=remedy)), ("trail", wrong("it is gone", remedy=remedy))]
    console = Console(width=200)
    with console.capture() as shown:
        print_whole(console, Diagnosis(found, has_profiles=has_profiles).table())

    assert shown.get().count("runs as your default profile") == is_said


@pytest.fixture
def second(
    stage: Stage,
    operated: Organization,
    assembly_of: Callable[[Organization], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> LocalAws:
    """The organization with a second deployment, and an operator who names a profile."""
    organization = replace(operated, configuration={**operated.configuration, "name_prefix": "second"})
    aws = stage.clean(organization, assembly_of(organization))
    operate(aws, monkeypatch)
    keys = aws.extensions.administrator(aws.organization.hub.account).for_boto3()
    lines = ["[security team]", *(f"{name} = {value}" for name, value in keys.items())]
    (tmp_path / "credentials").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("ROOTCTL_NAME_PREFIX", "")
    monkeypatch.chdir(tmp_path)
    return aws


def _are_complete(output: str) -> int:
    """Return how many commands there are."""
    found = [(each[0], output[each.end() :]) for each in _COMMAND.finditer(output)]
    unsaid = [
        name for name, rest in found if not rest.startswith(f" {_OPTIONS}") and "--profile NAME" not in rest
    ]
    assert unsaid == []
    refused = [name for name, rest in found if name in _OF_AN_ACCOUNT and not _ACCOUNT.match(rest)]
    assert refused == [], output
    return len(found)


@pytest.mark.long
def test_those_of_a_doctor(second: LocalAws) -> None:
    second.extensions.faults.fail("AssumeRoot", "AccessDenied", http=403, times=None)
    for form in ("table", "json"):
        result = run("doctor", *_GIVEN, "--output", form)

        assert result.exit_code == Exit.FINDINGS, result.output
        assert _are_complete(result.output) > 0


@pytest.mark.long
@pytest.mark.usefixtures("second")
def test_those_of_a_recovery() -> None:
    missed = run("recovery", "close", CLEAN, "--yes", *_GIVEN)
    opened = run("recovery", "open", CLEAN, "--hours", "1", "--yes", *REASON, *_GIVEN)
    closed = run("recovery", "close", CLEAN, "--yes", *_GIVEN)

    for result in (missed, opened, closed):
        assert _are_complete(result.output) > 0, result.output


@pytest.mark.long
def test_those_of_an_unlocking(second: LocalAws) -> None:
    locked_bucket(second)
    try:
        result = run("unlock", "bucket", EXPOSED, "ledger", "--yes", *REASON, *_GIVEN)
    finally:
        clear()

    assert result.exit_code == Exit.DONE, result.output
    assert _are_complete(result.output) == 1


@pytest.mark.long
def test_those_of_a_drill(second: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drill = drilling(second, tmp_path, monkeypatch)
    with rules_off(second, "rootwarden", CLEAN, "us-east-1"):
        record, code = drill(CLEAN, *_GIVEN)

    assert code == Exit.FINDINGS
    written = (tmp_path / "drill.json").read_text(encoding="utf-8")
    assert _are_complete(record["error"] + "\n".join(each["remedy"] or "" for each in record["steps"])) > 0
    assert _are_complete(written) > 0


@pytest.mark.long
def test_those_of_a_drill_that_cannot_close(
    second: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second.extensions.faults.fail("DeleteSchedule", "AccessDenied", http=403, times=None)

    drill = drilling(second, tmp_path, monkeypatch)
    record, code = drill(CLEAN, *_GIVEN)
    shown, _ = drill(EXPOSED, *_GIVEN, form=())

    assert code != Exit.DONE
    [stopped] = [each for each in record["steps"] if each["step"] == "stopped"]
    assert f"rootctl recovery close {_OPTIONS} {CLEAN}" in stopped["text"]
    assert f"rootctl harden {_OPTIONS} {EXPOSED}" in shown["error"]


@pytest.mark.usefixtures("aws")
def test_in_a_narrow_terminal_commands_stand_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootctl.output._PIPE_WIDTH", 40)
    monkeypatch.setenv("COLUMNS", "40")

    opening = ("recovery", "open", CLEAN, "--hours", "2", *REASON)
    asked = run(*opening, answers="n\n").stderr
    done = run(*opening, "--yes").stdout

    assert f"Account search-prod ({CLEAN}): root password recovery would be allowed until" in asked
    assert f"\nrootctl recovery close {CLEAN}\n" in done
