"""rootctl doctor's alarm paths: what could not be proven is not ok, and what Regions share is said once."""

from typing import Any

from rootctl.checks.alarm_paths import judged_report
from rootctl.checks.context import Result, Status
from rootwarden.events import Fields

REGIONS = ("us-east-1", "eu-west-1")
REFUSED = {"status": "not_possible", "why": "AccessDenied: explicit deny in a service control policy"}


def account(number: int, result: str, **path: Any) -> dict[str, object]:
    coverage = [{"region": region, **path} for region in REGIONS]
    return {"id": f"{number:012}", "name": f"account-{number}", "result": result, "coverage": coverage}


def looked(*accounts: dict[str, object]) -> list[Result]:
    return list(judged_report(Fields({"accounts": list(accounts)})))


def test_an_account_that_a_policy_hides_is_not_ok() -> None:
    [found] = looked(account(1, "unreachable", **REFUSED))

    assert found.status is Status.UNKNOWN
    assert "account-1" in found.text
    assert "preflight" in (found.remedy or "")


def test_accounts_in_which_no_session_is_ever_opened_are_ok() -> None:
    why = {"status": "not_possible", "why": "the account is SUSPENDED"}

    [found] = looked(account(1, "not_active", **why), account(2, "management", **why))

    assert found.status is Status.OK


def test_what_regions_share_is_said_once() -> None:
    [waiting] = looked(account(1, "clean", status="waiting"), account(2, "clean", status="waiting"))

    assert "eu-west-1, us-east-1: 2 accounts with a first probe that is not judged yet" in waiting.text
