"""A command in a chat message is the command: chat neither obeys nor changes what stands in it."""

import html
import json
import re
import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from rootwarden.contract.activities import Severity
from rootwarden.messages.activity_message import alert_message
from rootwarden.messages.commands import harden, revoke
from rootwarden.messages.message import Message
from rootwarden.messages.writing import write_amazon_q, write_slack
from rootwarden.outcomes import AccountReference
from tests.unit.given import MEMBER
from tests.unit.sample_events import sample
from tests.unit.test_alerts_in_full import alert_on
from tests.unit.test_put_back import COMMANDS

# What IAM takes in a role's name.
NAMES = st.text("abcABC019_+=,.@-", min_size=1, max_size=64)
_CODE = re.compile(r"`([^`]*)`")
_INJECTED = "aws iam attach-user-policy --user-name evil"


def saying(*steps: str) -> Message:
    return Message(
        severity=Severity.CRITICAL,
        account=AccountReference(account_id=MEMBER),
        headline="root signed in",
        happened="Something.",
        done="Nothing.",
        facts=(),
        next_steps=steps,
        links=(),
    )


def chatted(step: str) -> list[str]:
    """Return how Slack and Amazon Q show one step."""
    message = saying(step)
    slack = json.loads(json.dumps(write_slack(message)))
    [of_slack] = [
        block["text"]["text"] for block in slack["blocks"] if "What to do now" in block["text"]["text"]
    ]
    [of_amazon_q] = json.loads(write_amazon_q(message))["content"]["nextSteps"]
    return [of_slack, of_amazon_q]


def commands_in(text: str) -> list[str]:
    """Return what a person copies out of it."""
    return [html.unescape(code) for code in _CODE.findall(text)]


@pytest.mark.parametrize("name", ["_my_role_", "=_my_role_", "a@here", "~x~", "-*-"])
def test_a_name_that_is_markup_stays_in_the_command_as_it_is(name: str) -> None:
    _stays(f"aws events enable-rule --region us-east-1 --name {shlex.quote(name)}")


@pytest.mark.parametrize("command", sorted({row[3] for row in COMMANDS}))
def test_what_puts_the_watch_back_is_a_command_from_its_first_word_to_its_last(command: str) -> None:
    for text in chatted(f"Put it back, with credentials of the management account: {command}"):
        assert commands_in(text) == [command]


@given(name=NAMES)
def test_any_roles_name_stays_as_it_is(name: str) -> None:
    said = revoke(f"arn:aws:sts::{MEMBER}:assumed-role/{name}/op", None)
    assert said
    if ": aws " in said:
        _stays(said[said.index("aws ") :])


@given(session=st.text("ax.@:,= ", min_size=1, max_size=20).map(f"{{}}: {_INJECTED}".format))
@example(session=f"x: {_INJECTED}")
@example(session=f"x : {_INJECTED}")
def test_no_sessions_name_becomes_a_command(session: str) -> None:
    """The administrators of an account may write what is collected from it."""
    for role in ("AWSReservedSSO_Admin_0123456789abcdef", "Admin"):
        said = revoke(f"arn:aws:sts::{MEMBER}:assumed-role/{role}/{session[:64]}", None)

        assert _INJECTED[:20] not in (said or "")


@pytest.mark.parametrize("role", ["AWSReservedSSO_Admin_0123456789abcdef", "Admin"])
def test_a_forged_record_gets_no_command_of_its_writer_into_chat(role: str) -> None:
    arn = f"arn:aws:sts::{MEMBER}:assumed-role/{role}/x: aws iam attach-user-policy --user-name evil"
    identity = {"type": "AssumedRole", "arn": arn, "accountId": MEMBER}
    forged = alert_on(sample("forwarding_rule_deleted", userIdentity=identity))

    steps = alert_message(structs.replace(forged, collected=True, put_back=None), "us-east-1").next_steps

    assert any("end its sessions" in step for step in steps)
    for step in steps:
        assert not [code for text in chatted(step) for code in commands_in(text)]


def _stays(command: str) -> None:
    for text in chatted(f"If not, end what it may do: with credentials of account {MEMBER}: {command}"):
        [code] = commands_in(text)
        assert shlex.split(code) == shlex.split(command)


@given(reason=st.text(min_size=1, max_size=80))
@example(reason=".")
def test_no_reason_ends_the_command_it_is_in(reason: str) -> None:
    for text in chatted(f"Then ask again: {harden([MEMBER], reason)}"):
        [code] = commands_in(text)
        assert shlex.split(code)[:4] == ["rootctl", "harden", MEMBER, "--reason"]
        assert len(shlex.split(code)) == 5
        assert text.count("`") == 2


@pytest.mark.parametrize("length", range(2880, 2990, 7))
def test_code_that_is_cut_in_two_ends_there(length: int) -> None:
    said = saying(*["x" * (length // 4)] * 4, f"Undo it: rootctl doctor{' --all' * 20}")

    slack = json.loads(json.dumps(write_slack(said)))
    texts = [block["text"]["text"] for block in slack["blocks"]]

    assert max(map(len, texts)) <= 3000
    assert all(text.count("`") % 2 == 0 for text in texts)


def test_prose_is_no_part_of_a_command() -> None:
    for text in chatted("Fix that; then bring in the rest: rootctl redrive --members"):
        assert commands_in(text) == ["rootctl redrive --members"]
    for text in chatted("_Where_ a policy refused, rootctl preflight names it."):
        assert commands_in(text) == []
        assert r"\u005fWhere" in text
