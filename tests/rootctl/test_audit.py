"""rootctl audit: what it says of every account, with the operator's own root sessions and by the hub's."""

import csv
import io

import pytest

from local.aws import LocalAws
from rootctl.errors import Exit
from tests.accounts import (
    CLEAN,
    EXEMPT,
    EXPOSED,
    HUB,
    MANAGEMENT,
    MFA_ONLY,
    REFUSING,
    STRANGER,
    SUSPENDED,
    UNIT,
)
from tests.rootctl.conftest import program, run

WAYS = pytest.mark.parametrize("way", [("--direct", "--yes"), ("--via-hub",)], ids=["direct", "via hub"])
ALERTS = "Root Activity Alert"


def results(*arguments: str) -> tuple[dict[str, str], int]:
    answer, code = program("audit", *arguments)
    return {row["id"]: row["result"] for row in answer["accounts"]}, code


@WAYS
@pytest.mark.usefixtures("aws")
def test_every_account_is_shown_and_none_is_taken_for_clean_unseen(way: tuple[str, ...]) -> None:
    found, code = results("--all", *way)

    assert found == {
        MANAGEMENT: "management",
        HUB: "clean",
        EXPOSED: "exposed",
        EXEMPT: "exposed",
        SUSPENDED: "not_active",
        CLEAN: "clean",
        MFA_ONLY: "exposed",
        REFUSING: "unreachable",
    }
    assert code == Exit.FAILED


@WAYS
@pytest.mark.usefixtures("aws")
def test_how_it_ends_tells_what_was_found(way: tuple[str, ...]) -> None:
    assert results(CLEAN, *way) == ({CLEAN: "clean"}, Exit.DONE)
    assert results(EXPOSED, CLEAN, *way)[1] == Exit.FINDINGS
    # What could not be checked outweighs what was found.
    assert results(EXPOSED, REFUSING, *way)[1] == Exit.FAILED


@WAYS
@pytest.mark.usefixtures("aws")
def test_a_unit_is_audited_with_what_is_below_it(way: tuple[str, ...]) -> None:
    assert set(results("--ou", UNIT, *way)[0]) == {EXPOSED, CLEAN}
    assert set(results("--ou", "r-ab12", *way)[0]) > {EXPOSED, CLEAN, MANAGEMENT}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((MANAGEMENT,), f"{MANAGEMENT} is the management account"),
        ((CLEAN, SUSPENDED), f"({SUSPENDED}) is SUSPENDED"),
        ((STRANGER,), f"does not know the account {STRANGER}"),
        (("44445555666",), "12 digits"),
        (("--ou", "ou-1"), "found 'ou-1'"),
        (("--ou", "ou-ab12-99999999"), "ou-ab12-99999999 is not in the organization"),
        ((), "their ids or names, --ou or --all"),
        ((CLEAN, "--all"), "one of the three"),
        ((MANAGEMENT, "--direct", "--yes"), f"{MANAGEMENT} is the management account"),
    ],
)
def test_what_cannot_be_audited_is_refused_by_name(
    aws: LocalAws, arguments: tuple[str, ...], said: str
) -> None:
    result = run("audit", *arguments)

    assert result.exit_code == Exit.USAGE
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert "AssumeRoot" not in {call.operation for call in aws.extensions.calls}


@pytest.mark.usefixtures("aws")
def test_the_hub_knows_exemptions() -> None:
    [row] = program("audit", EXEMPT, "--via-hub")[0]["accounts"]

    assert row["exemption"] == {"reason": "Being migrated", "until": "2027-01-31"}
    assert results(EXEMPT, "--via-hub")[1] == Exit.DONE
    assert results(EXEMPT, "--direct", "--yes")[1] == Exit.FINDINGS


def test_nothing_is_changed_and_no_results_of_a_sweep_are_left(aws: LocalAws) -> None:
    results("--all")
    results("--all", "--direct", "--yes")

    changing = ("Delete", "Deactivate", "PutObject")
    assert not [call for call in aws.extensions.calls if call.operation.startswith(changing)]


def test_only_sessions_of_the_operators_own_alert(aws: LocalAws) -> None:
    results(EXPOSED)
    aws.run_until_idle()
    assert aws.dead_letters == []
    assert ALERTS not in {outcome["detail-type"] for outcome in aws.outcomes}

    results(EXPOSED, "--direct", "--yes")
    aws.run_until_idle()
    assert ALERTS in {outcome["detail-type"] for outcome in aws.outcomes}


@WAYS
def test_throttling_loses_no_account(aws: LocalAws, way: tuple[str, ...]) -> None:
    aws.extensions.faults.fail("AssumeRoot", "Throttling", http=400, times=12)

    assert results(CLEAN, *way) == ({CLEAN: "clean"}, Exit.DONE)


@WAYS
def test_an_account_that_cannot_be_read_is_shown_with_awss_own_words(
    aws: LocalAws, way: tuple[str, ...]
) -> None:
    aws.extensions.faults.fail("GetAccountSummary", "ServiceFailure", http=500, times=None)

    answer, code = program("audit", CLEAN, *way)

    [row] = answer["accounts"]
    assert (row["result"], row["posture"], row["code"]) == ("unreachable", None, "ServiceFailure")
    assert code == Exit.FAILED


def test_a_batch_the_hub_fails_at_is_shown_for_every_account(aws: LocalAws) -> None:
    aws.extensions.faults.fail("Invoke", "TooManyRequestsException", http=429, times=None)

    answer, code = program("audit", CLEAN, EXPOSED, "--via-hub")

    assert {row["result"] for row in answer["accounts"]} == {"unreachable"}
    assert {row["code"] for row in answer["accounts"]} == {"TooManyRequestsException"}
    assert code == Exit.FAILED


@pytest.mark.usefixtures("aws")
def test_the_table_is_for_people() -> None:
    result = run("audit", "--all")

    for said in ("payments-prod", "could not be checked", "unknown", "password, access keys", "MFA"):
        assert said.lower() in result.stdout.lower()
    assert (
        "Accounts: 8 (3 exposed, 1 could not be checked, 2 clean, 1 not active, 1 management)."
        in result.stdout
    )
    assert "\x1b" not in result.stdout


@pytest.mark.usefixtures("aws")
def test_only_what_is_exposed_or_could_not_be_checked() -> None:
    found, code = results("--all", "--exposed")

    assert set(found) == {EXPOSED, EXEMPT, MFA_ONLY, REFUSING}
    assert code == Exit.FAILED
    assert "Accounts: 8 (3 exposed" in run("audit", "--all", "--exposed").stdout


@pytest.mark.usefixtures("aws")
def test_csv_says_unknown_and_is_safe_in_a_spreadsheet() -> None:
    rows = {
        row["account_id"]: row
        for row in csv.DictReader(io.StringIO(run("audit", "--all", "--output", "csv").stdout))
    }

    assert (rows[EXPOSED]["password"], rows[CLEAN]["password"]) == ("yes", "no")
    assert rows[REFUSING]["password"] == "unknown"
    assert rows[EXEMPT]["name"].startswith("'=")
