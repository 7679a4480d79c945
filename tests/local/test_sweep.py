import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.commands.sweep_organization import KINDS, make_organization
from local.organization import Organization, load_organization
from tests.local.conftest import Command, Printed

_EXAMPLE = Path(__file__).parents[2] / "local" / "organization.example.yaml"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def swept(
    command: Command, output: Path, assembly_of: Callable[[Organization], Path], tmp_path_factory: Any
) -> Printed:
    """The example organization, forwarding from two Regions, filled up and swept."""
    document = yaml.safe_load(_EXAMPLE.read_text(encoding="utf-8"))
    document["configuration"] |= {
        "forwarding_regions": ["us-east-1", "eu-west-1"],
        "sweep": {"mode": "enforce"},
    }
    given = tmp_path_factory.mktemp("organization") / "two-regions.yaml"
    given.write_text(yaml.safe_dump(document), encoding="utf-8")
    filled = make_organization(load_organization(given), 30, date(2026, 6, 1)).organization
    filling = ("--organization", given, "--accounts", 30, "--assembly", assembly_of(filled))
    return command("sweep", *filling, "--days", 2, "--enforce", "--output", output)


@pytest.fixture(scope="module")
def report(swept: Printed, output: Path) -> dict[str, Any]:
    assert swept.code == 0, swept.out
    document: dict[str, Any] = json.loads((output / "report.json").read_text(encoding="utf-8"))
    return document


def test_the_three_reports_are_written_and_named(swept: Printed, output: Path) -> None:
    assert sorted(path.name for path in output.iterdir()) == ["report.csv", "report.html", "report.json"]
    for path in output.iterdir():
        assert path.stat().st_size > 1000
        assert str(path) in swept.out


def test_every_account_is_in_it_and_everything_is_as_it_should_be(
    swept: Printed, report: dict[str, Any]
) -> None:
    assert report["totals"]["accounts"] == 30
    assert (report["mode"], report["missing"], len(report["history"])) == ("enforce", [], 2)
    assert swept.out.rstrip().splitlines()[-1].startswith("✔ ")


def test_every_kind_of_posture_is_in_it(report: dict[str, Any]) -> None:
    assert {row["result"] for row in report["accounts"]} == {
        *("clean", "hardened", "exposed", "partial", "unreachable", "not_active", "management")
    }
    codes = {row["code"] for row in report["accounts"]}
    assert {"AccessDenied", "RecentlyUsed"} <= codes


def test_the_page_shows_totals_attention_checks_and_messages(swept: Printed) -> None:
    for part in (
        "30 accounts, swept in enforce mode",
        "accounts need attention",
        "explicit deny in a service control policy",
        "✔ IAM has trusted access to the organization",
        "What people are told",
    ):
        assert part in " ".join(swept.out.split())


@pytest.mark.parametrize("arguments", [("--accounts", "0"), ("--days", "few"), ("--accounts", "-3")])
def test_numbers_that_make_no_sense_are_refused(command: Command, arguments: tuple[str, ...]) -> None:
    printed = command("sweep", *arguments)
    assert printed.code == 2
    assert "is not a whole number above 0" in printed.err


@pytest.mark.parametrize("accounts", [30, 200, 1000])
def test_organizations_are_filled_up_with_every_kind(accounts: int) -> None:
    made = make_organization(load_organization(_EXAMPLE), accounts, date(2026, 6, 1))
    assert 1 + len(made.organization.members) == accounts
    kinds = Counter(kind.name for kind in made.kinds.values())
    assert set(kinds) == {"clean", *(kind.name for kind in KINDS)}
    names = [account.name for account in made.organization.accounts]
    assert len(set(names)) > len(names) - 2
    assert kinds["clean"] >= accounts // 4


def test_an_organization_that_is_large_enough_stays_as_it_is() -> None:
    base = load_organization(_EXAMPLE)
    made = make_organization(base, 3, date(2026, 6, 1))
    assert (made.organization, made.kinds) == (base, {})
