"""docs/cost.md: what is counted is counted on the embedded AWS, what is computed adds up."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.scenarios.scenario import Scenario
from tests.docs.page import Page
from tests.templates.synthesized import synthesized

pytestmark = pytest.mark.long

PAGE = Page("docs/cost.md")
NEW = "777788889999"
_COUNTED = ("events", "table writes", "table reads", "publishes")
# Charged in the month of events, of sweeps, and for recovery windows.
_MONTHS_ALARMS, SWEEPS_ALARMS, _WINDOWS_ALARMS = 23, 22, 7
SIZES = ("100", "1,000", "10,000")
_HAPPENINGS: dict[str, Callable[[LocalAws], object]] = {
    "an account joins, clean": lambda aws: _join(aws, RootCredentials()),
    "an account joins with a password and an MFA device": lambda aws: _join(
        aws, RootCredentials(password=True, mfa_devices=1)
    ),
    "root signs in": lambda aws: Scenario(aws).sign_in_as_root("444455556666"),
}


def _join(aws: LocalAws, root: RootCredentials) -> object:
    return Scenario(aws).create_account(Account(id=NEW, name="data-lake", root=root))


def prices() -> dict[str, float]:
    return {row["what"]: float(row["price"].strip("$")) for row in PAGE.table("Prices")}


def _counts() -> dict[str, dict[str, int]]:
    return {
        row["what happens"]: {name: int(row[name]) for name in _COUNTED}
        for row in PAGE.table("What is counted")
    }


@pytest.mark.parametrize("happening", _HAPPENINGS)
def test_counts_are_those_of_the_embedded_aws(aws: LocalAws, happening: str) -> None:
    _HAPPENINGS[happening](aws)
    aws.run_until_idle()

    operations = Counter(call.operation for call in aws.calls)
    on_bus = [event for event in aws.delivery.received if event.bus_arn.endswith("event-bus/rootwarden")]
    assert _counts()[happening] == {
        "events": len(on_bus),
        "table writes": operations["PutItem"] + operations["UpdateItem"] + _items(aws, "BatchWriteItem"),
        "table reads": operations["GetItem"] + _items(aws, "BatchGetItem"),
        "publishes": operations["Publish"],
    }


def test_a_sign_in_costs_eight_table_calls_with_its_messages(aws: LocalAws) -> None:
    """The alert and a message on every channel: each call is a place to fail, and time until people know."""
    for succeeded in (True, False):
        before = len([call for call in aws.calls if call.service == "dynamodb"])
        Scenario(aws).sign_in_as_root("444455556666", succeeded=succeeded)
        aws.run_until_idle()

        calls = [call.operation for call in aws.calls if call.service == "dynamodb"][before:]
        assert len(calls) <= 8, calls


def _items(aws: LocalAws, operation: str) -> int:
    asked = [call.parameters["RequestItems"] for call in aws.calls if call.operation == operation]
    tables = [table for request in asked for table in request.values()]
    return sum(len(table["Keys"]) if "Keys" in table else len(table) for table in tables)


def check_month(table: str, month: Callable[[dict[str, float], int], dict[str, float]]) -> None:
    """Check that a month's table has, for organizations of each size, what is expected and its sum."""
    rows = {row["what"]: row for row in PAGE.table(table)}
    for size in SIZES:
        expected = month(prices(), int(size.replace(",", "")))
        shown = {what: f"${value:.2f}" for what, value in expected.items()}
        shown["**sum**"] = f"**${sum(expected.values()):.2f}**"
        assert {what: row[size] for what, row in rows.items()} == shown


def test_the_month_adds_up() -> None:
    check_month("A month", _month)


def test_a_default_deployment_is_the_sum_of_its_parts_and_readme_says_it_rounded() -> None:
    rows = {re.sub(r"\[|\].*", "", row["what"]): row for row in PAGE.table("A default deployment")}
    in_parts = {
        size: {
            "events": _dollars("A month", "**sum**", size) - prices()["secret"],
            "daily sweeps": _dollars("A month of daily sweeps", "**sum**", size),
            "proving other Regions": _dollars("Proving other Regions", "`weekly`", size),
            "alarms on recovery windows": _WINDOWS_ALARMS * prices()["alarm"],
        }
        for size in SIZES
    }
    for size, parts in in_parts.items():
        assert {what: rows[what][size] for what in parts} == {
            what: f"${value:.2f}" for what, value in parts.items()
        }
        assert rows["**sum**"][size] == f"**${sum(parts.values()):.2f}**"
    small, middle, large = (round(sum(parts.values())) for parts in in_parts.values())
    said = " ".join(Page("README.md").section("What it costs").split())
    assert (
        f"{small} US dollars a month with 100 accounts, {middle} with 1,000 and {large} with 10,000" in said
    )


def test_every_price_has_its_source_and_the_day_it_was_read_or_says_that_it_was_not() -> None:
    for row in PAGE.table("Prices"):
        assert re.search(r"\(https://aws\.amazon\.com/[a-z0-9-]+/pricing/\)$", row["source"])
        assert re.fullmatch(r"20\d\d-\d\d-\d\d|no", row["read"])


def test_the_alarms_that_are_charged_are_those_of_a_default_deployment() -> None:
    """An alarm on a sum is charged for each of its metrics."""
    found = synthesized(
        slack={}, approval={}, deny_root_organizational_units=[], protecting_policies=[], exemptions=[]
    )
    charged = sum(
        len([each for each in alarm.get("Metrics", [{"MetricStat": {}}]) if "MetricStat" in each])
        for template in found
        for alarm in template.properties("AWS::CloudWatch::Alarm")
    )
    assert charged == _MONTHS_ALARMS + SWEEPS_ALARMS + _WINDOWS_ALARMS


def _dollars(title: str, what: str, size: str) -> float:
    [row] = [row for row in PAGE.table(title) if what in row.values()]
    return float(row[size].strip("$*"))


def _month(prices: dict[str, float], accounts: int) -> dict[str, float]:
    """Compute a month as the page's formulas say."""
    rates = dict(zip(_counts(), (0.018, 0.002, 0.05), strict=True))
    total = {
        name: sum(rates[what] * accounts * counts[name] for what, counts in _counts().items())
        for name in _COUNTED
    }
    seconds = 2 * total["events"]
    return {
        "key": prices["key"] + 3 * (total["events"] + total["publishes"]) / 1e4 * prices["key requests"],
        "alarms": _MONTHS_ALARMS * prices["alarm"],
        "queues, empty": 5 * 5 * 3 * 60 * 730 / 1e6 * prices["queue requests"],
        "queues, messages": 3 * total["events"] / 1e6 * prices["queue requests"],
        "bus": total["events"] / 1e6 * prices["bus events"],
        "functions": seconds * 0.25 * prices["function GB-seconds"]
        + total["events"] / 1e6 * prices["function invocations"],
        "table": total["table writes"] / 1e6 * prices["table writes"]
        + total["table reads"] / 1e6 * prices["table reads"],
        "messages": total["publishes"] / 1e5 * prices["e-mails"],
        "secret": prices["secret"],
        "logs": total["events"] * 2 / 1e6 * prices["logs"],
    }


def test_counts_and_assumptions_are_as_the_page_says() -> None:
    text = PAGE.section("Assumptions")
    assert re.search(r"2 of 100 accounts join", text)
    assert re.search(r"1 in 10 of them", text)
    assert re.search(r"5 of 100 accounts", text)
