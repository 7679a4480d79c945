"""rootctl recovery: windows opened, listed and closed by the hub."""

import csv
import io

import pytest

from local.aws import LocalAws
from rootctl.errors import Exit
from tests.accounts import CLEAN, EXEMPT, MANAGEMENT, REASON, REFUSING, STRANGER, SUSPENDED
from tests.rootctl.conftest import program, run

_OPEN = ("recovery", "open", CLEAN, "--hours", "4", *REASON)
HOUR = 3600


def opened() -> None:
    assert run(*_OPEN, "--yes").exit_code == Exit.DONE


def windows() -> list[str]:
    answer, code = program("recovery", "list")
    assert code == Exit.DONE
    assert all(":assumed-role/" in window["openedBy"] for window in answer["windows"])
    return [window["account"]["id"] for window in answer["windows"]]


def test_a_window_is_opened_listed_and_closed(aws: LocalAws) -> None:
    result = run(*_OPEN, answers="y\n")

    assert result.exit_code == Exit.DONE
    assert f"search-prod ({CLEAN})" in result.stderr
    assert "Open this recovery window?" in result.stderr
    assert "is open until 20" in result.stdout
    assert "resetpassword" in result.stdout
    assert aws.posture(CLEAN)["password"]
    assert windows() == [CLEAN]
    listed = run("recovery", "list").stdout
    for said in ("search-prod", "INC-7", "4 h left", "no approval needed"):
        assert said in listed

    answer, code = program("recovery", "close", CLEAN, "--yes")
    aws.run_until_idle()

    assert (answer["result"], answer["closed"], code) == ("closed", [CLEAN], Exit.DONE)
    assert windows() == []
    assert not any(aws.posture(CLEAN).values())


def test_a_window_ends_by_itself(aws: LocalAws) -> None:
    opened()
    aws.clock.advance(4 * HOUR + 30)
    aws.run_until_idle()

    assert windows() == []
    assert "No recovery window is open." in run("recovery", "list").stdout
    assert not any(aws.posture(CLEAN).values())


def test_a_dry_run_opens_and_closes_nothing(aws: LocalAws) -> None:
    answer, code = program(*_OPEN, "--dry-run")

    assert (answer["result"], code) == ("would_open", Exit.DONE)
    assert windows() == []

    opened()
    assert program("recovery", "close", CLEAN, "--dry-run")[1] == Exit.DONE
    assert windows() == [CLEAN]
    assert aws.posture(CLEAN)["password"]


def test_declining_changes_nothing(aws: LocalAws) -> None:
    declined = run(*_OPEN, answers="n\n")

    assert declined.exit_code == Exit.FAILED
    assert "Nothing was changed" in declined.stderr
    assert not aws.posture(CLEAN)["password"]

    opened()
    declined = run("recovery", "close", CLEAN, answers="n\n")
    assert declined.exit_code == Exit.FAILED
    assert "remove the account's root credentials again?" in declined.stderr
    assert windows() == [CLEAN]


@pytest.mark.parametrize(
    ("account", "hours", "said"),
    [
        (CLEAN, "13", "from 1 to 12, found 13"),
        (CLEAN, "0", "from 1 to 12, found 0"),
        (CLEAN, "-4", "from 1 to 12, found -4"),
        (CLEAN, "x", "valid int"),
        (MANAGEMENT, "4", "is the management account"),
        (SUSPENDED, "4", "is SUSPENDED"),
        (EXEMPT, "4", "is exempt until 2027-01-31: Being migrated"),
        (STRANGER, "4", "does not know the account"),
        ("4444", "4", "12 digits"),
    ],
)
def test_a_window_that_cannot_be_is_refused(aws: LocalAws, account: str, hours: str, said: str) -> None:
    result = run("recovery", "open", account, "--hours", hours, "--yes", *REASON)

    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert "AssumeRoot" not in {call.operation for call in aws.extensions.calls}


@pytest.mark.usefixtures("aws")
def test_a_second_window_is_refused_and_the_first_is_named() -> None:
    opened()

    result = run("recovery", "open", CLEAN, "--hours", "2", "--yes", "--reason", "another")

    assert result.exit_code == Exit.FAILED
    assert f"In search-prod ({CLEAN}) a window was opened until" in result.stderr
    assert result.stderr.count("\n") == 1


def test_no_other_window_is_closed_than_the_one_that_was_shown(aws: LocalAws) -> None:
    opened()

    patch = pytest.MonkeyPatch()

    def meanwhile(*_shown: object, **_options: object) -> None:
        patch.undo()
        assert run("recovery", "close", CLEAN, "--yes").exit_code == Exit.DONE
        aws.run_until_idle()
        colleagues = run("recovery", "open", CLEAN, "--hours", "2", "--yes", "--reason", "INC-8")
        assert colleagues.exit_code == Exit.DONE

    patch.setattr("rootctl.commands.recovery.ask", meanwhile)
    result = run("recovery", "close", CLEAN, "--yes")

    assert result.exit_code == Exit.FAILED
    assert "no such window is open" in result.stdout
    assert "rootctl recovery list" in result.stdout
    assert windows() == [CLEAN]
    assert aws.posture(CLEAN)["password"]


@pytest.mark.usefixtures("aws")
def test_closing_what_is_not_open_fails() -> None:
    result = run("recovery", "close", CLEAN, "--yes")

    assert result.exit_code == Exit.FAILED
    assert "rootctl recovery list" in result.stderr


@pytest.mark.usefixtures("aws")
def test_what_the_hub_cannot_open_is_said() -> None:
    answer, code = program("recovery", "open", REFUSING, "--hours", "1", "--yes", *REASON)

    assert (answer["result"], answer["reason"]["code"], code) == ("failed", "AccessDenied", Exit.FAILED)
    result = run("recovery", "open", REFUSING, "--hours", "1", "--yes", *REASON)
    assert "rootctl recovery list" in result.stdout


@pytest.mark.usefixtures("aws")
def test_without_a_terminal_somebody_must_have_agreed() -> None:
    for command in (_OPEN, ("recovery", "close", CLEAN)):
        result = run(*command)

        assert result.exit_code == Exit.USAGE
        assert "--yes" in result.stderr


@pytest.mark.usefixtures("aws")
def test_csv_has_a_line_a_window() -> None:
    opened()

    [row] = csv.DictReader(io.StringIO(run("recovery", "list", "--output", "csv").stdout))
    assert (row["account_id"], row["name"], row["state"]) == (CLEAN, "search-prod", "open")
    [row] = csv.DictReader(io.StringIO(run("recovery", "close", CLEAN, "--yes", "--output", "csv").stdout))
    assert (row["result"], row["closed"]) == ("closed", CLEAN)
