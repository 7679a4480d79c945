"""Commands that only look."""

from pathlib import Path

import pytest

from tests.local.playground.conftest import Playground, Rootctl
from tests.rootctl.terminal import run_installed

pytestmark = pytest.mark.long

EVENT = Path(__file__).parents[2] / "events" / "root_console_login_success_no_mfa.json"
PARTNERS, EXEMPT = "123412341234", "555566667777"


def test_the_welcome_shows_the_organization(playground: Playground) -> None:
    for part in (
        "web-shop        333344445555  ACTIVE     password, mfaDevices",
        "sandbox-old     666677778888  SUSPENDED",
        "its key was used two days ago",
        "unset AWS_PROFILE AWS_SESSION_TOKEN",
    ):
        assert part in playground.welcome


def test_preflight_names_the_policy_that_stands_in_the_way(rootctl: Rootctl) -> None:
    ended = rootctl("preflight", "--output", "json")
    assert ended.code == 3, ended.err
    [found] = [finding for finding in ended.json["findings"] if finding["verdict"] == "blocks"]
    assert found["accounts"] == [PARTNERS]


@pytest.mark.parametrize("way", [("--direct", "--yes"), ()])
def test_audit_tells_every_account_s_credentials(rootctl: Rootctl, way: tuple[str, ...]) -> None:
    ended = rootctl("audit", "--all", "--output", "json", *way)
    assert ended.code == 1, ended.err
    rows = {row["id"]: row for row in ended.json["accounts"]}
    assert len(rows) == 14
    assert rows[EXEMPT]["result"] == "exposed"
    assert rows[PARTNERS]["result"] == "unreachable"
    assert "service control policy" in str(rows[PARTNERS])


def test_doctor_finds_what_is_wrong(rootctl: Rootctl) -> None:
    ended = rootctl("doctor", "--management-profile", "management")
    assert ended.code == 3, ended.err
    assert "deny-root: NobodyIsRoot blocks" in ended.out
    assert "all 12 active member accounts forward" in ended.out


def test_report_shows_the_sweep_that_was(rootctl: Rootctl, tmp_path: Path) -> None:
    ended = rootctl("report", "--save", "here")
    assert ended.code == 1, ended.err  # an account could not be looked at
    assert "14 accounts" in ended.out
    assert sorted(path.suffix for path in (tmp_path / "here").rglob("report.*")) == [".csv", ".html", ".json"]


def test_the_installed_command_finds_the_playground(playground: Playground, tmp_path: Path) -> None:
    ended = run_installed("recovery", "list", environment=playground.environment, directory=tmp_path)
    assert ended.code == 0, ended.err


def test_explain_says_what_an_event_would_lead_to(rootctl: Rootctl) -> None:
    ended = rootctl("explain", str(EVENT), "--output", "json")
    assert ended.code == 0, ended.err
    assert "critical" in ended.out


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        (("audit", "999999999999"), {}, 2, "does not know the account 999999999999"),
        (("report", "--sweep", "never"), {}, 1, "There is no report.json"),
        (("audit", "--all", "--profile", "nobody"), {}, 1, "list-profiles"),
        (("audit", "--all"), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, 1, "Check the network"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    rootctl: Rootctl, arguments: tuple[str, ...], environment: dict[str, str], code: int, said: str
) -> None:
    ended = rootctl(*arguments, **environment)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
