"""How commands open root sessions: through the hub where there is one, else alerts are asked about."""

import pytest

from local.aws import LocalAws
from rootctl.errors import Exit
from tests.accounts import CLEAN, EXEMPT, EXPOSED, MFA_ONLY, REASON
from tests.rootctl.conftest import run
from tests.wiring.locked import locked_queue

ELSEWHERE = ("--region", "eu-west-1")
NO_HUB = "There is no stack RootWardenHub for arn:aws:sts::"
UNLOCK = ("unlock", "queue", EXPOSED, "orders", *REASON)
# What each command makes at most: root sessions, where, and messages of a hub about them.
COMMANDS = pytest.mark.parametrize(
    ("command", "said", "messages"),
    [
        (("audit", EXPOSED, MFA_ONLY), "2 root sessions in 2 accounts;", 4),
        (("harden", EXPOSED, MFA_ONLY, "--dry-run"), "2 root sessions in 2 accounts;", 4),
        (("harden", EXPOSED, MFA_ONLY), "6 root sessions in 2 accounts;", 12),
        (UNLOCK, "2 root sessions in 1 account;", 3),
    ],
    ids=["audit", "dry run", "harden", "unlock"],
)
# Which must first be able to ask whether to change anything.
CHANGING = (("harden", EXPOSED, MFA_ONLY), UNLOCK)
DIRECT = pytest.mark.parametrize("way", [("--direct",), ELSEWHERE], ids=["asked for", "no hub"])


@pytest.fixture(autouse=True)
def _a_locked_queue(aws: LocalAws, emptied: None) -> None:  # noqa: ARG001 - it deletes the queue
    locked_queue(aws, "us-east-1")


def root_sessions(aws: LocalAws) -> int:
    return [call.operation for call in aws.extensions.calls].count("AssumeRoot")


def messages_of_the_hub(aws: LocalAws) -> int:
    aws.run_until_idle()
    return sum(outcome["detail-type"].startswith("Root Activity") for outcome in aws.outcomes)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        ("audit", EXPOSED),
        ("harden", EXPOSED, "--yes"),
        ("harden", EXPOSED, "--dry-run"),
        (*UNLOCK, "--yes"),
        (*UNLOCK, "--dry-run"),
    ],
    ids=" ".join,
)
def test_the_hub_does_it_where_there_is_one_and_nothing_alerts(
    aws: LocalAws, command: tuple[str, ...]
) -> None:
    result = run(*command)

    assert result.stderr == "Through the hub RootWardenHub in us-east-1.\n"
    assert EXPOSED in result.stdout
    assert root_sessions(aws) > 0
    assert messages_of_the_hub(aws) == 0


@DIRECT
@COMMANDS
def test_going_direct_asks_before_any_root_session(
    aws: LocalAws, way: tuple[str, ...], command: tuple[str, ...], said: str, messages: int
) -> None:
    declined = run(*command, *way, answers="n\n")

    shown = one_line(declined.stderr)
    assert declined.exit_code == Exit.FAILED
    assert said in shown
    assert f"raises up to {messages} alerts, or more where it forwards read-only calls." in shown
    assert "Go on with your own credentials?" in shown
    assert ("not heeded" in shown) is (command in CHANGING)
    assert (NO_HUB in shown) is (way == ELSEWHERE)
    assert EXPOSED not in declined.stdout
    assert root_sessions(aws) == 0


@DIRECT
@COMMANDS
def test_without_a_terminal_nobody_is_asked_and_no_root_session_opened(
    aws: LocalAws, way: tuple[str, ...], command: tuple[str, ...], said: str, messages: int
) -> None:
    result = run(*command, *way)

    assert result.exit_code == Exit.USAGE
    assert "no terminal to ask on: add --yes" in result.stderr
    assert result.stderr.count("\n") == 1
    if command not in CHANGING:
        assert said in result.stderr
        assert f"raises up to {messages} alerts, or more" in result.stderr
        assert ("or --via-hub" in result.stderr) is (way == ("--direct",))
    assert root_sessions(aws) == 0


@pytest.mark.parametrize(
    "command", [("harden", EXEMPT, "--yes"), (*UNLOCK, "--yes")], ids=["harden", "unlock"]
)
def test_where_there_is_no_hub_yes_alone_changes_nothing(aws: LocalAws, command: tuple[str, ...]) -> None:
    result = run(*command, *ELSEWHERE)

    assert result.exit_code == Exit.USAGE
    assert NO_HUB in result.stderr
    assert "Or add --direct" in result.stderr
    assert "not heeded" in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert root_sessions(aws) == 0


def test_where_there_is_no_hub_looking_goes_on(aws: LocalAws) -> None:
    for command in (("audit", EXPOSED), ("harden", EXPOSED, "--dry-run")):
        assert run(*command, *ELSEWHERE, "--yes").exit_code == Exit.FINDINGS
    assert root_sessions(aws) == 2


@pytest.mark.long
@COMMANDS
def test_what_was_said_comes_true(aws: LocalAws, command: tuple[str, ...], said: str, messages: int) -> None:
    result = run(*command, "--direct", "--yes")

    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert root_sessions(aws) == int(said.partition(" ")[0])
    # An account that lacks a kind of credential has fewer to tell of.
    assert messages / 2 < messages_of_the_hub(aws) <= messages


def test_accounts_that_root_sessions_never_reach_are_not_counted(aws: LocalAws) -> None:
    result = run("audit", "--all", "--direct", answers="y\n")

    assert "opens 6 root sessions in 6 accounts;" in one_line(result.stderr)
    assert "Accounts: 8" in result.stdout
    assert root_sessions(aws) == 6


def test_a_hub_that_cannot_be_looked_for_is_not_taken_for_none(aws: LocalAws) -> None:
    aws.extensions.faults.fail("DescribeStacks", "AccessDenied", http=403, times=None)

    result = run("audit", CLEAN, "--yes")

    assert result.exit_code == Exit.FAILED
    assert "cloudformation:DescribeStacks" in result.stderr
    assert "--direct" in result.stderr
    assert root_sessions(aws) == 0
    assert run("audit", CLEAN, "--yes", "--direct").exit_code == Exit.DONE
