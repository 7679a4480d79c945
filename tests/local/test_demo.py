import io
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from local.commands import demo
from local.organization import Organization, load_organization
from tests.local.conftest import Command, Printed


@pytest.fixture(scope="module")
def demo_organization() -> Organization:
    return load_organization(demo.ORGANIZATION)


@pytest.fixture(scope="module")
def demo_assembly(demo_organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(demo_organization)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "demo.svg"


@pytest.fixture(scope="module")
def played(command: Command, demo_assembly: Path, picture: Path) -> Printed:
    return command("demo", "--assembly", demo_assembly, "--svg", picture)


@pytest.mark.long
def test_everything_is_as_it_should_be(played: Printed) -> None:
    assert played.code == 0
    summary = played.out.rstrip().splitlines()[-1]
    counted = (
        "3 accounts hardened, 1 exempt, 0 left with root credentials, 5 alerts, 30 messages, 0 dead letters"
    )
    assert summary.startswith(f"✔ {counted} (")


@pytest.mark.parametrize(
    "line",
    [
        "CreateAccountResult · AccountJoinedOrganization · CreateManagedAccount",
        "✔ hardened  payments-prod (444455556666)  removed the password, 2 access keys, a signing",
        "↻ refused (AccessDenied), tried again for",
        "✔ hardened  data-lake (888899990000)  removed the password; read back: nothing left (attempt",
        "○ skipped  legacy-erp (555566667777)  exempt until 2027-01-31",
        "○ skipped  sandbox-old (666677778888)  the account is SUSPENDED",
        "✉ CRITICAL legacy-erp (555566667777): root signed in without MFA  e-mail, Slack, Slack webhook",
        "✉ CRITICAL legacy-erp (555566667777): 4 root activities in one burst  e-mail, Slack, Slack webhook",
        "✉ HIGH web-shop (333344445555): root session opened by somebody else  e-mail, Slack, Slack webhook",
        "✉ CRITICAL management (111122223333): root protection weakened  e-mail, Slack, Slack webhook",
        "CloudTrail records of rootwarden's own root sessions seen, none alerted",
        "Subject: [rootwarden] INFO payments-prod (444455556666): root credentials removed",
    ],
)
def test_the_page_shows(played: Printed, line: str) -> None:
    assert line in played.out


def test_postures_are_shown_before_and_after(played: Printed) -> None:
    rows = [line.split() for line in played.out.splitlines()]
    assert ["payments-prod", "444455556666", *["●", "→", "✔"] * 4] in rows
    assert ["web-shop", "333344445555", *["·"] * 4] in rows


def test_the_page_becomes_a_picture(played: Printed, picture: Path) -> None:
    assert played.code == 0
    drawn = picture.read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "payments-prod" in drawn


@pytest.mark.long
def test_an_account_that_cannot_be_hardened_fails_the_demo(
    demo_organization: Organization, demo_assembly: Path
) -> None:
    never = 7 * 24 * 3600
    stubborn = tuple(
        replace(account, refuses_assume_root_for=never) if account.name == "data-lake" else account
        for account in demo_organization.accounts
    )
    out = io.StringIO()
    with redirect_stdout(out):
        code = demo.run(replace(demo_organization, accounts=stubborn), assembly=demo_assembly, svg=None)
    assert code == 1
    assert "✘ data-lake still has root credentials" in out.getvalue()
    assert "✘ in dead-letter queue" in out.getvalue()
    assert "no message 'root credentials removed' by email" in out.getvalue()
    assert out.getvalue().rstrip().splitlines()[-1].startswith("✘ 2 accounts hardened, 1 exempt, 1 left")
