"""Which accounts have Regions that do not forward: asked a few at a time, remembered in the report."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rootwarden.outcomes import iso
from rootwarden.report.checks import Check, CheckName, names_of_unasked
from rootwarden.report.controls import ControlStatus
from rootwarden.report.opted_in_regions import LONGEST
from rootwarden.report.report import Report
from tests.unit.report_given import DENIED, Given, account, row

PASS, FAIL, UNKNOWN = ControlStatus.PASS, ControlStatus.FAIL, ControlStatus.UNKNOWN


def regions(report: Report) -> Check:
    [check] = [check for check in report.checks if check.name == CheckName.REGIONS]
    return check


def test_an_account_with_a_region_that_does_not_forward_is_named_until_it_is_asked_again() -> None:
    given = Given(opted_in={account(1): {"me-south-1", "af-south-1"}, account(2): {"me-south-1"}})
    rows = (row(1), row(2), row(3, "not_active", None, state="SUSPENDED"))

    checks = [regions(given.sweep(*rows)) for _ in range(7)]

    assert {check.status for check in checks} == {FAIL}
    assert all(f"{account(1)}: af-south-1" in check.text and account(2) not in check.text for check in checks)
    # Once a week, and never an account that is not active.
    assert given.asked == [account(1), account(2)]
    given.opted_in.clear()
    assert regions(given.sweep(*rows)).status is PASS
    assert given.asked == [account(1), account(2)] * 2


def test_asking_takes_two_minutes_at_most_and_goes_on_where_it_stopped() -> None:
    given = Given(seconds_to_ask=int(LONGEST.total_seconds()) // 2)
    rows = tuple(row(number) for number in range(1, 6))

    checks = []
    for _ in range(3):
        checks.append(regions(given.sweep(*rows)))
        given.asked, before = [], given.asked
        assert len(before) <= 2

    assert [check.status for check in checks] == [UNKNOWN, UNKNOWN, PASS]
    assert checks[1].text.startswith("4 of 5 active accounts were asked")


def test_three_refusals_end_the_asking_and_are_no_good_news_but_nag_no_one() -> None:
    given = Given(regions_refused=DENIED)

    report = given.sweep(*(row(number) for number in range(1, 6)))

    assert given.tried_regions == [account(1), account(2), account(3)]

    assert regions(report).status is UNKNOWN
    assert DENIED.code in regions(report).text
    assert names_of_unasked(report.checks) == ()


def test_an_account_that_is_always_refused_keeps_none_of_the_others_from_being_asked() -> None:
    given = Given(regions_refused=DENIED, refused_accounts={account(2)})

    for _ in range(20):
        report = given.sweep(*(row(number) for number in range(1, 6)))

    assert sorted(report.opted_in) == [account(number) for number in (1, 3, 4, 5)]
    check = regions(report)
    assert (check.status, DENIED.code in check.text) == (UNKNOWN, True)
    assert check.text.startswith("4 of 5 active accounts were asked")


def test_a_refusal_forgets_nothing_that_was_known() -> None:
    given = Given(opted_in={account(1): {"af-south-1"}})
    given.sweep(row(1))
    given = replace(given, regions_refused=DENIED, asked=[])

    check = regions(given.sweep(row(1), row(2)))

    assert check.status is FAIL
    assert "1 of 2 active accounts" in check.text


def test_a_report_of_before_the_check_and_one_that_cannot_be_read_are_survived() -> None:
    given = Given()
    given.sweep(row(1))
    assert isinstance(given.previous, str)
    given.previous = given.previous.replace('"askedAt"', '"asked"')

    report = given.sweep(row(1))

    assert any("Regions in the previous report cannot be read" in text for text in report.missing)
    assert regions(report).status is PASS


def test_an_answer_proves_for_four_weeks_and_no_longer() -> None:
    given = Given()
    given.sweep(row(1), row(2))
    asked_at = given.at - timedelta(days=1)
    # No time is left for the second account, whose turn comes last.
    given.seconds_to_ask = int(LONGEST.total_seconds())

    def next_sweep(days: int) -> Check:
        given.at, given.asked = asked_at + timedelta(days=days), []
        given.regions_refused, given.refused_accounts = None, None
        return regions(given.sweep(row(1), row(2)))

    within, beyond = next_sweep(27), None
    given.previous = json.dumps(_with_first_asked(given.previous, asked_at))
    beyond = next_sweep(28)

    assert within.status is PASS
    assert beyond.status is UNKNOWN
    assert "1 of them more than 28 days ago, the longest on 2026-06-01" in beyond.text


def _with_first_asked(previous: object, asked_at: datetime) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(str(previous))
    for each in document["optedInRegions"]:
        each["askedAt"] = iso(asked_at)
    return document
