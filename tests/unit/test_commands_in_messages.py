"""Each command in a message is one that rootctl or the AWS CLI takes, with everything filled in."""

import re
import shlex
from pathlib import Path

import botocore.session
import pytest
import typer
from botocore import xform_name
from msgspec import structs
from typer.core import TyperGroup

from rootctl.app import app
from rootwarden.activity.root_activity import Activity, ActorKind
from rootwarden.messages.activity_announcement import announce_alert
from tests.unit.test_alerts_in_full import alert_on

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


@pytest.mark.parametrize("command", _OF_ROOTCTL)
def test_rootctl_takes_it(command: str) -> None:
    """Parse it as the shell and rootctl do; what follows a comma or a full stop is prose."""
    words = shlex.split(re.split(r"[,.] [a-zA-Z]", command)[0].rstrip(".,"))[1:]
    command_of = typer.main.get_command(app)
    context = typer.Context(command_of)
    while isinstance(command_of, TyperGroup):
        _, found, words = command_of.resolve_command(context, words)
        assert found is not None
        command_of = found
    parsed = command_of.make_context("rootctl", words)
    assert "ACCOUNT" not in str(parsed.params)


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


@pytest.mark.parametrize("activity", list(Activity))
@pytest.mark.parametrize("kind", list(ActorKind))
def test_what_an_alert_removes_includes_what_was_just_used(activity: Activity, kind: ActorKind) -> None:
    """A password used a minute ago is kept, as in use, unless the command says otherwise."""
    alert = alert_on("root_console_login_success_mfa")
    actor = structs.replace(alert.actor, kind=kind)

    steps = announce_alert(structs.replace(alert, activity=activity, actor=actor)).next_steps

    assert all(" --remove-recently-used " in step for step in steps if "rootctl harden" in step)
