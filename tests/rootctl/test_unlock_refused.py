"""rootctl unlock and restore: what is refused, in one line, with nothing done."""

from pathlib import Path

import pytest
from typer.testing import Result

from local.aws import LocalAws
from rootctl.errors import Exit
from tests.accounts import EXPOSED, HUB, MANAGEMENT, REASON, STRANGER, SUSPENDED
from tests.rootctl.conftest import run
from tests.rootctl.policy_changes import changes
from tests.wiring.locked import LOCKING, locked_bucket, locked_queue

pytestmark = pytest.mark.usefixtures("emptied")


def last_line(result: Result) -> str:
    """Return what stopped the command, below at most the line that says which way it goes."""
    *way, stopped = result.stderr.splitlines()
    assert len(way) <= 1
    assert stopped.startswith("rootctl: ")
    return stopped


WAYS = pytest.mark.parametrize("way", [("--direct",), ("--via-hub",)], ids=["direct", "via hub"])


@pytest.mark.long
@WAYS
@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("{", "cannot be read"),
        ('{"Version": "2012-10-17", "Statement": []}', "and a Statement"),
        ("[]", "cannot be read"),
        (LOCKING, "would lock again"),
        (None, "No such file"),
    ],
)
def test_a_policy_that_is_none_or_locks_again_is_refused(
    aws: LocalAws, way: tuple[str, ...], policy: str | None, said: str
) -> None:
    locked_bucket(aws)
    if policy is not None:
        Path("new.json").write_text(policy)

    result = run("unlock", "bucket", EXPOSED, "ledger", "--policy", "new.json", "--yes", *REASON, *way)

    assert result.exit_code == Exit.USAGE
    assert said in last_line(result)
    assert changes(aws) == []


@WAYS
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bucket", EXPOSED, "nobodys"), "has no bucket nobodys"),
        (
            ("bucket", EXPOSED, "ledger", "--resource-region", "us-west-2"),
            "is in eu-west-1, not in us-west-2",
        ),
        (("bucket", HUB, "ledger"), f"{HUB} has no bucket ledger"),
        (
            ("queue", EXPOSED, f"https://sqs.eu-west-1.amazonaws.com/{HUB}/orders"),
            f"belongs to account {HUB}",
        ),
        (
            ("queue", EXPOSED, f"arn:aws:sqs:eu-west-1:{EXPOSED}:orders", "--resource-region", "us-west-2"),
            "is in eu-west-1, not in us-west-2",
        ),
        (("queue", EXPOSED, "orders"), "say which by region"),
        (("queue", EXPOSED, "not a queue"), "a queue's name, URL or ARN"),
        (("bucket", MANAGEMENT, "ledger"), "is the management account"),
        (("bucket", SUSPENDED, "ledger"), "is SUSPENDED"),
        (("bucket", STRANGER, "ledger"), "does not know the account"),
        (("bucket", "4444", "ledger"), "12 digits"),
    ],
)
def test_what_cannot_be_unlocked_is_refused_by_name(
    aws: LocalAws, way: tuple[str, ...], arguments: tuple[str, ...], said: str
) -> None:
    locked_bucket(aws)
    locked_queue(aws)
    locked_queue(aws, "us-west-2")

    result = run("unlock", *arguments, "--yes", *REASON, *way)

    assert result.exit_code == Exit.USAGE
    assert said[:1].upper() + said[1:] in last_line(result) or said in last_line(result)
    assert changes(aws) == []


def test_evidence_that_cannot_be_saved_leaves_the_policy_as_it_is(aws: LocalAws) -> None:
    locked_bucket(aws)
    Path("unlocks").write_text("in the way")

    result = run("unlock", "bucket", EXPOSED, "ledger", "--yes", "--direct", *REASON)

    assert result.exit_code == Exit.FAILED
    assert "the policy was not changed" in result.stderr
    assert changes(aws) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.json",), "There is no such file here either"),
        (("absent.json", "--direct"), "No such file"),
        (("x" * 300,), "File name too long"),
        (("broken.json",), "kept as JSON"),
        (("broken.json", "--via-hub"), "Leave out --via-hub for a file"),
        (("unlocks/x.json", "--via-hub"), "no key of a saved policy"),
        ((f"unlocks/{EXPOSED}/bucket/ledger/never.json", "--via-hub"), "never.json cannot be read"),
    ],
)
def test_evidence_that_cannot_be_read_is_named(arguments: tuple[str, ...], said: str) -> None:
    Path("broken.json").write_text("{")

    result = run("restore", *arguments, "--yes", *REASON)

    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_nobody_is_asked_where_nobody_is() -> None:
    for command in (("unlock", "bucket", EXPOSED, "ledger"), ("restore", "x.json")):
        result = run(*command, *REASON)

        assert result.exit_code == Exit.USAGE
        assert "--yes" in result.stderr
    assert run("unlock", "bucket", EXPOSED, "ledger", "--yes", "--reason", " ").exit_code == Exit.USAGE
    assert run("unlock", "bucket", EXPOSED, "ledger", "--yes").exit_code == Exit.USAGE
