"""docs/cost.md, what sweeps cost: counted on the embedded AWS, computed from the page's prices."""

import math
import re
from collections import Counter

import pytest

from benchmarks.sweep_run import QUOTA
from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from tests.docs.page import in_code
from tests.docs.test_cost import PAGE, SIZES, SWEEPS_ALARMS, check_month, prices


@pytest.mark.long
def test_a_clean_account_costs_a_sweep_what_the_page_counts(aws: LocalAws) -> None:
    aws.state.root_users.clear()
    result = Sweeping(aws).by_hand("observe")

    totals = (result.report or {})["totals"]
    audited = totals["clean"]
    assert audited == totals["accounts"] - totals["management"] - totals["not_active"] > 1
    counted = {row["what"]: float(row["an account"]) for row in PAGE.table("What a sweep does")}
    assert {what: audited * count for what, count in counted.items()} == _of_a_sweep(aws, audited)


def _of_a_sweep(aws: LocalAws, audited: int) -> dict[str, float]:
    operations = Counter(call.operation for call in aws.calls)
    written = [c.parameters["RequestItems"] for c in aws.calls if c.operation == "BatchWriteItem"]
    on_bus = [event for event in aws.delivery.received if event.bus_arn.endswith("event-bus/rootwarden")]
    paths = [c for c in aws.calls if c.operation == "UpdateItem" and "COVERAGE#" in str(c.parameters)]
    asked = [c for c in aws.calls if c.operation == "GetItem" and "AssessRoot" in str(c.principal.role_arn)]
    return {
        "root sessions": operations["AssumeRoot"],
        "calls in the session": operations["GetAccountSummary"],
        "table writes": sum(len(items) for request in written for items in request.values()) + len(paths),
        # Of the report's reads, three an account, each counts half: they need not be consistent.
        "table reads": len(asked) + 1.5 * audited,
        # The outcome is one a sweep.
        "events": len(on_bus) - 1,
    }


def test_the_month_of_sweeps_adds_up() -> None:
    check_month("A month of daily sweeps", _sweeps)


@pytest.mark.parametrize(("wanted", "probes"), [("weekly", 30 / 7), ("every_sweep", 30)])
def test_what_proving_other_regions_costs_adds_up(wanted: str, probes: float) -> None:
    listed = prices()
    rows = {in_code(row["other_regions"])[0]: row for row in PAGE.table("Proving other Regions")}
    one = _event(listed) + (listed["table writes"] + listed["table reads"] + 2 * listed["logs"]) / 1e6
    for size in SIZES:
        expected = int(size.replace(",", "")) * 16 * probes * one
        assert rows[wanted][size] == f"${expected:.2f}"


def _event(prices: dict[str, float]) -> float:
    """Compute what one forwarded record costs: event, queue, and the function for half a second."""
    return (
        prices["bus events"] / 1e6
        + 3 * prices["queue requests"] / 1e6
        + 0.5 * 0.25 * prices["function GB-seconds"]
        + prices["function invocations"] / 1e6
    )


def _sweeps(prices: dict[str, float], accounts: int) -> dict[str, float]:
    """Compute a month of daily sweeps as the page's formulas say."""
    sweeps, batches = 30, math.ceil(accounts / 50)
    second, invocation = prices["function GB-seconds"], prices["function invocations"] / 1e6
    audits = batches * (5 * 0.5 * second + invocation)
    listing = 2 * invocation + (accounts / 100 * 0.25 + 2 + accounts / 1000) * second
    event = _event(prices)
    counted = {row["what"]: float(row["an account"]) for row in PAGE.table("What a sweep does")}
    kept = accounts * (2 * 400 + 0.5 * 30) / 1e6
    logged = (accounts * 4.3 + batches * 5) / 1e6
    return {
        "alarms": SWEEPS_ALARMS * prices["alarm"],
        "metrics": 17 * prices["custom metric"],
        "dashboard": prices["dashboard"],
        "audits": sweeps * audits,
        "collecting": sweeps * (accounts * 17 * prices["queue requests"] / 1e6 + audits),
        "list and report": sweeps * listing,
        "own sessions": sweeps * accounts * counted["events"] * event,
        "table": sweeps
        * accounts
        * (counted["table writes"] * prices["table writes"] + counted["table reads"] * prices["table reads"])
        / 1e6,
        "state machine": sweeps * (13 + 4 * batches) * prices["state transitions"] / 1000,
        "objects": sweeps
        * ((6 + 2 * batches) * prices["objects written"] + 2 * batches * prices["objects read"])
        / 1000
        + kept * prices["objects kept"],
        "logs": sweeps * logged * prices["logs"],
    }


def test_what_was_measured_has_its_date_and_is_computed_right() -> None:
    said = " ".join(PAGE.section("How fast it is").split())
    assert re.search(r"Measured on 20\d\d-\d\d-\d\d with `python -m benchmarks.sweep`", said)
    [(accounts, seconds, times)] = re.findall(r"([\d,]+) accounts took ([\d.]+) s, ([\d.]+) times", said)
    floor = int(accounts.replace(",", "")) / QUOTA
    assert float(times) == pytest.approx(float(seconds) / floor, abs=0.25)
