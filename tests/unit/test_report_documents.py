"""report.csv is safe to open, and report.html lets nothing run."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from rootwarden.contract.configured import Expectation
from rootwarden.inert_text import inert
from rootwarden.report.checks import Answers, names_of_unasked
from rootwarden.report.controls import ControlStatus
from rootwarden.report.csv_document import write_csv
from rootwarden.report.html_page import write_html
from rootwarden.report.html_parts import verdict
from rootwarden.report.posture_chart import percent
from rootwarden.report.report import Report
from rootwarden.report.totals import Totals
from tests.unit.fakes import NOON
from tests.unit.report_given import ALL_WELL, DENIED, KEY, Given, exposed, row, unreachable

_DAY = NOON.date() - timedelta(days=1)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def rows_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(write_csv(report), newline="")))


def test_the_table_for_spreadsheets_says_unknown_where_nobody_could_look() -> None:
    seen, unseen = rows_of(Given().sweep(exposed(1, KEY), unreachable(2)))

    assert (seen["access_key"], seen["password"], seen["needs_attention"]) == ("yes", "no", "yes")
    assert {unseen[kind] for kind in ("password", "access_key", "signing_certificate", "mfa_device")} == {
        "unknown"
    }
    assert seen["IAM.4 (CIS 4.0 1.4, 5.0 1.3, 6.0 2.3, 7.0 2.4)"] == "fail"


@pytest.mark.parametrize("start", [*_FORMULA_STARTS, " =", "\N{FULLWIDTH EQUALS SIGN}"])
def test_no_cell_is_a_formula(start: str) -> None:
    name = f"{start}HYPERLINK('https://evil.example')"

    found = rows_of(Given().sweep(row(1, name=name)))[0]["name"]

    assert found == f"'{inert(name)}"


@pytest.mark.parametrize("separator", [";", "; ", ",", "|", ';"', '; "'])
@pytest.mark.parametrize("sign", ["=", "\N{FULLWIDTH EQUALS SIGN}"])
def test_no_cell_is_a_formula_where_another_separator_is_read(separator: str, sign: str) -> None:
    table = write_csv(Given().sweep(row(1, name=f"x{separator}{sign}cmd|' /c calc'!A1;y")))

    for delimiter in ";|":
        cells = [cell for line in csv.reader(io.StringIO(table), delimiter=delimiter) for cell in line]
        assert not any(cell.lstrip().startswith((*_FORMULA_STARTS, sign)) for cell in cells)


@given(text=st.text(min_size=1, max_size=40) | st.text(";,|\"= -@'x", max_size=12))
def test_no_text_breaks_the_table_or_begins_a_formula(text: str) -> None:
    table = write_csv(Given().sweep(row(1, name=text, code=text, message=text)))

    assert len(list(csv.DictReader(io.StringIO(table, newline="")))) == 1
    for delimiter in ",;":
        lines = csv.reader(io.StringIO(table, newline=""), delimiter=delimiter)
        assert not any(cell.lstrip().startswith(_FORMULA_STARTS) for line in lines for cell in line)


def test_where_aws_refused_the_checks_the_page_is_not_green() -> None:
    refused = Answers(
        features=DENIED,
        trusted_services=DENIED,
        delegated_administrators=DENIED,
        management_root=DENIED,
        rules=DENIED,
    )
    report = Given(answers=refused).sweep(row(1))

    unasked = len(names_of_unasked(report.checks))
    assert unasked > 1
    assert verdict(report) == ("unsure", f"{unasked} checks could not be made")
    one = Given(answers=replace(ALL_WELL, rules=DENIED))
    assert verdict(one.sweep(row(1))) == ("unsure", "1 check could not be made")
    assert verdict(one.sweep(exposed(1))) == ("bad", "1 account needs attention · 1 check could not be made")
    assert verdict(Given().sweep(row(1)))[0] == "good"


def test_a_good_report_says_how_many_checks_are_not_known() -> None:
    report = Given().sweep(row(1))
    unknown = [check for check in report.checks if check.status is ControlStatus.UNKNOWN]
    assert len(unknown) > 1

    well = "No account needs attention, and no check failed"
    assert verdict(report) == ("good", f"{well} · {len(unknown)} checks are not known")
    assert verdict(replace(report, checks=tuple(unknown[:1]))) == ("good", f"{well} · 1 check is not known")
    assert verdict(replace(report, checks=())) == ("good", well)


@given(
    name=st.sampled_from(["</script><img src=x onerror=alert(1)>", "<!--<script>", "]]>"])
    | st.text(min_size=1)
)
def test_no_name_closes_the_page_s_data(name: str) -> None:
    given = Given()
    given.sweep(row(1, name=name))

    page = write_html(given.sweep(exposed(1, name=name, message=name)))

    assert page.count("</script>") == 2
    assert page.count("<script") == 2
    assert "<img" not in page
    assert "<!--" not in page


def test_expected_calls_are_listed_with_reason_and_end_and_those_that_ended_say_so() -> None:
    over = Expectation(
        principal="arn:aws:iam::222233334444:role/<b>", calls=("sts:AssumeRoot",), reason="A test", until=_DAY
    )
    last_day = structs.replace(over, principal="arn:aws:iam::222233334444:role/Operator", until=NOON.date())
    report = Given(expected=(over, last_day)).sweep(row(1))

    told = report.to_detail()["expected"]
    assert told == [over.to_detail() | {"hasEnded": True}, last_day.to_detail() | {"hasEnded": False}]
    page = write_html(report)
    assert "role/&lt;b&gt; ended on 2026-05-31: A test (alerts as any other)" in page
    assert "role/Operator until 2026-06-01: A test</li>" in page
    assert "Expected calls" not in write_html(Given().sweep(row(1)))
    assert Given(expected=None).sweep(row(1)).to_detail()["expected"] is None


def test_the_page_names_no_address_to_load_from() -> None:
    page = write_html(Given().sweep(row(1)))

    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    ("clean", "accounts", "told"),
    [(0, 0, None), (3, 3, "100 %"), (99_999, 100_000, "99.9 %"), (0, 3, "0.0 %")],
)
def test_100_percent_is_said_only_of_all(clean: int, accounts: int, told: str | None) -> None:
    assert percent(structs.replace(Totals.of([]), clean=clean, accounts=accounts)) == told


def test_a_share_of_no_accounts_is_none() -> None:
    given = Given()
    page = write_html(given.sweep(row(1, "not_active", None, state="SUSPENDED")))
    assert "100 %" not in page.partition('class="tiles"')[2].partition("<svg")[0]
    assert ">\N{EN DASH} of active members<" in page
    assert "share-end" not in page.partition("<svg")[2].partition("</svg>")[0]
    for one in (row(1), row(1, "not_active", None, state="SUSPENDED"), row(1)):
        page = write_html(given.sweep(one))

    chart = page.partition("<svg")[2].partition("</svg>")[0]
    assert chart.count("<polyline") == 0
    assert chart.count("share-end") == 1
    assert "UTC: \N{EN DASH} proven clean" in chart
    page = write_html(given.sweep(row(1)))
    assert page.partition("<svg")[2].partition("</svg>")[0].count("<polyline") == 1
