"""Each command in a message is one that rootctl or the AWS CLI takes, with everything filled in."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import typer
from botocore import xform_name
from msgspec import structs
from typer.core import TyperGroup

from rootctl.app import app
from rootwarden.activity.root_activity import ActorKind
from rootwarden.contract.activities import Activity
from rootwarden.contract.configured import HardeningModes, Mode
from rootwarden.messages.activity_message import alert_message
from rootwarden.messages.commands import SWITCH_ON
from rootwarden.messages.compose import compose
from rootwarden.messages.message import Guidance
from rootwarden.messages.sweep_message import sweep_message
from rootwarden.outcomes import Outcome
from rootwarden.report.checks import PROTECTION, CheckName
from rootwarden.sweep.outcome import SweepCompleted
from tests.unit import stories
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import Hardening
from tests.unit.test_alerts_in_full import alert_on
from tests.unit.test_messages import on_the_bus
from tests.unit.test_put_back import COMMANDS

_GOLDEN = Path(__file__).parents[1] / "golden"
_STEP = re.compile(r"^  \d+\. (.+)$", re.MULTILINE)
_COMMANDS = sorted(
    {
        found[1]
        for path in _GOLDEN.glob("*.email.txt")
        for step in _STEP.findall(path.read_text(encoding="utf-8"))
        if (found := re.search(r"(?:^|: )((?:rootctl|aws [a-z-]+) [a-z-]+.*)$", step))
    }
)
_OF_ROOTCTL = [each for each in _COMMANDS if each.startswith("rootctl ")]
_OF_AWS = [each for each in _COMMANDS if each.startswith("aws ")]


def test_no_command_has_prose_in_it() -> None:
    """zsh takes no comment where people type, and hands its words to the command."""
    assert [command for command in (*_COMMANDS, *(row[3] for row in COMMANDS)) if " # " in command] == []


@pytest.mark.parametrize("command", _OF_ROOTCTL)
def test_rootctl_takes_it(command: str) -> None:
    assert "ACCOUNT" not in str(parsed(command))


def parsed(command: str) -> dict[str, Any]:
    """Parse it as the shell and rootctl do; what follows a comma or a full stop is prose."""
    words = shlex.split(re.split(r"[,.] [a-zA-Z]", command)[0].rstrip(".,"))[1:]
    command_of = typer.main.get_command(app)
    context = typer.Context(command_of)
    while isinstance(command_of, TyperGroup):
        _, found, words = command_of.resolve_command(context, words)
        assert found is not None
        command_of = found
    return command_of.make_context("rootctl", words).params


@pytest.mark.parametrize(
    "story", [stories.observed, stories.root_sign_in_without_mfa, stories.sweep_found_credentials]
)
def test_a_hub_that_only_observes_is_not_asked_to_remove(story: Callable[[], Outcome]) -> None:
    """It refuses that: what works are the reader's own credentials, or another configuration."""
    guidance = Guidance(observes_only=True, name_prefix="test-")
    announcement = compose(on_the_bus(story()), guidance)
    assert announcement

    commands = [step for step in announcement.next_steps if "rootctl harden" in step]
    assert commands
    for step in commands:
        found = parsed(step[step.index("rootctl harden") :])
        assert found["via_hub"] is False
        assert " --name-prefix test- " in step
    assert "set hardening.created" in announcement.next_steps[-1]


def test_a_hub_that_only_observes_says_so_where_something_is_to_be_removed_alone() -> None:
    announcement = compose(on_the_bus(stories.alert_test()), Guidance(observes_only=True))
    assert announcement

    assert not any("hardening" in step for step in announcement.next_steps)


def test_what_was_only_observed_and_was_used_lately_is_removed_by_the_command() -> None:
    user = RootUser(password=True, password_used=NOON)
    given = Hardening(user=user, modes=HardeningModes(created=Mode.OBSERVE))
    announcement = compose(on_the_bus(given.harden()))
    assert announcement

    [step] = [step for step in announcement.next_steps if "rootctl harden" in step]
    assert " --remove-recently-used " in step


@pytest.mark.parametrize("check", PROTECTION)
def test_what_is_switched_off_is_switched_on_by_its_own_call(check: CheckName) -> None:
    """A deployment of the template that is deployed already makes no call."""
    sweep = stories.sweep_found_credentials()
    assert isinstance(sweep, SweepCompleted)

    announcement = sweep_message(structs.replace(sweep, failed_checks=(check,)), "us-east-1")

    assert announcement
    assert SWITCH_ON[check] in announcement.next_steps[0]
    assert re.search(r": aws (iam|organizations) enable-", announcement.next_steps[0])
    assert not any("make deploy" in step for step in announcement.next_steps)


@pytest.mark.parametrize("command", _OF_AWS)
def test_the_aws_cli_takes_it(command: str) -> None:
    _, service, operation, *arguments = shlex.split(command)
    model = botocore.session.get_session().get_service_model(service)
    known = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(known[operation]).input_shape
    members = {xform_name(name, "-"): name for name in shape.members} if shape else {}
    given = {words.removeprefix("--") for words in arguments if words.startswith("--")} - {"region"}
    assert given <= members.keys()
    assert {members[name] for name in given} >= set(shape.required_members if shape else ())


def test_what_an_alert_removes_includes_what_was_just_used() -> None:
    """A password used a minute ago is kept, as in use, unless the command says otherwise."""
    alert = alert_on("root_console_login_success_mfa")
    steps = [
        (activity, kind, step)
        for activity in Activity
        for kind in ActorKind
        for step in alert_message(
            structs.replace(alert, activity=activity, actor=structs.replace(alert.actor, kind=kind)),
            "us-east-1",
        ).next_steps
        if "rootctl harden" in step
    ]

    assert steps
    assert [each for each in steps if " --remove-recently-used " not in each[2]] == []
