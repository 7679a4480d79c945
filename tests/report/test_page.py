"""report.html in a browser: what people see, sort, filter, print, and what nobody can smuggle in."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rootwarden.report.report import Report
from tests.report.browser import Page
from tests.report.page_table import COUNT, ROWS, TITLE, check_nothing_went_wrong, choose, names, sort_by
from tests.report.sample_organization import sample_report
from tests.unit.report_given import Given, exposed, row, unreachable

Show = Callable[[Report], Page]
PICTURE = Path(__file__).parents[2] / "docs" / "report.png"
HOSTILE = (
    "</script><img src=x onerror=document.title='owned'>",
    "<!--<script>document.title='owned'</script>",
    "\"' onmouseover=document.title='owned'",
    "${document.title='owned'} $sweep %s {0}",
    "\u2028\u2029\u202egnp.exe\u0000\ud83d",
    "&lt;b&gt;",
)


def test_it_needs_nothing_but_itself_and_logs_no_error(shown: Show, report: Report) -> None:
    page = shown(report)

    check_nothing_went_wrong(page)
    assert page.run(COUNT) == "200 of 200 accounts"
    assert (
        page.run("document.querySelector('.verdict').textContent")
        == "3 accounts need attention · 1 check failed · 1 check could not be made"
    )


def test_what_needs_attention_stands_on_top(shown: Show, report: Report) -> None:
    page = shown(report)

    assert page.run("document.querySelector('.checks li').className") == "fail"
    results = page.run(
        "[...document.querySelectorAll('#accounts .badge')].slice(0, 5).map((badge) => badge.textContent)"
    )
    assert results == ["Exposed", "Partial", "Unreachable", "Exposed", "Exposed"]


def test_an_exposure_s_date_is_not_that_of_not_being_able_to_look(shown: Show) -> None:
    given = Given()
    given.sweep(exposed(1), exposed(2), row(3), exposed(4))
    page = shown(given.sweep(unreachable(1), exposed(2), unreachable(3), row(4, "partial", None)))

    said = page.run(
        "[...document.querySelectorAll('#accounts tbody tr')].map((row) => {"
        " const badge = row.querySelector('.badge');"
        " return `${badge.textContent} ${badge.parentElement.querySelector('small').textContent}`; }).sort()"
    )

    assert said == [
        "Exposed since 2026-06-01",
        "Partial exposed since 2026-06-01",
        "Unreachable AccessDenied",
        "Unreachable exposed since 2026-06-01",
    ]


def test_a_column_sorts_both_ways(shown: Show, report: Report) -> None:
    page = shown(report)

    sort_by(page, "Account")
    upwards = names(page)
    sort_by(page, "Account")
    downwards = names(page)

    assert upwards == sorted(upwards)
    assert downwards == sorted(downwards, reverse=True)
    assert upwards != downwards
    assert page.run("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    check_nothing_went_wrong(page)


@pytest.mark.long
@pytest.mark.parametrize(
    "column", ["State", "Result", "Password", "Exemption", "Last hardened", "Last seen", "Controls"]
)
def test_every_column_sorts(shown: Show, report: Report, column: str) -> None:
    page = shown(report)

    sort_by(page, column)

    assert page.run(ROWS) == 100
    check_nothing_went_wrong(page)


@pytest.mark.long
@pytest.mark.parametrize(
    ("field", "value", "count"),
    [
        ("result", "attention", 3),
        ("result", "proven", 193),
        ("result", "hardened", 2),
        ("result", "exempt", 1),
        ("result", "not_active", 1),
        ("credentials", "0", 3),
        ("credentials", "1", 2),
        ("credentials", "none", 193),
        ("credentials", "unknown", 3),
        ("search", "LEDGER-prod", 7),
        ("search", "444400000003", 1),
        ("search", "break-glass quarter", 1),
        ("search", "nobody", 0),
    ],
)
def test_the_table_can_be_filtered(shown: Show, report: Report, field: str, value: str, count: int) -> None:
    page = shown(report)

    choose(page, field, value)

    assert page.run(COUNT) == f"{count} of 200 accounts"
    assert page.run(ROWS) == min(count, 100)


def test_a_tile_shows_its_accounts(shown: Show, report: Report) -> None:
    page = shown(report)

    page.run("document.querySelector('.tile[data-filter=unreachable]').click()")

    assert page.run(COUNT) == "1 of 200 accounts"
    assert page.run("document.querySelector('.tile[aria-pressed=true] .label').textContent") == "Unreachable"


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280, 1920])
def test_no_width_makes_it_scroll_sideways(shown: Show, report: Report, width: int) -> None:
    page = shown(report)
    page.show(width=width)

    assert page.run("document.documentElement.scrollWidth") <= width
    outside = page.run(
        "[...document.querySelectorAll('section')].flatMap((section) => [...section.querySelectorAll('*')]"
        ".filter((one) => !one.closest('.scroll')"
        " && one.getBoundingClientRect().right > section.getBoundingClientRect().right))"
        ".map((one) => `${one.tagName} ${one.className} ${one.textContent}`)"
    )
    assert outside == []


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_it_follows_the_colour_scheme(shown: Show, report: Report, scheme: str, *, dark: bool) -> None:
    page = shown(report)
    page.show(width=1280, scheme=scheme)

    page_colour, text_colour = (
        sum(int(part) for part in page.run(f"getComputedStyle(document.body).{name}")[4:-1].split(","))
        for name in ("backgroundColor", "color")
    )

    assert (page_colour < text_colour) is dark


@pytest.mark.long
def test_it_prints_every_account_in_dark_on_white(shown: Show, report: Report) -> None:
    page = shown(report)
    page.show(width=1280, scheme="dark", media="print")

    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.run("getComputedStyle(document.querySelector('.filters label')).display") == "none"
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run(ROWS) == 200
    assert page.run("document.getElementById('printed').hidden") is True
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run(ROWS) == 100
    assert page.pdf().startswith(b"%PDF")


def test_no_name_becomes_markup_or_code(shown: Show) -> None:
    given = Given()
    given.sweep(*(row(number) for number in range(len(HOSTILE))))
    rows = [
        exposed(
            number,
            name=name,
            organizationalUnit=name,
            code=name,
            message=name,
            state=name,
            exemption={"reason": name, "until": name},
        )
        for number, name in enumerate(HOSTILE)
    ]

    page = shown(given.sweep(*rows))

    assert "owned" not in page.run(TITLE)
    assert page.run("document.querySelectorAll('img, main script').length") == 0
    assert HOSTILE[0] in names(page)
    assert HOSTILE[3] in names(page)
    check_nothing_went_wrong(page)


def test_a_script_that_got_in_all_the_same_would_not_run(shown: Show, report: Report) -> None:
    page = shown(report)

    page.run(
        "(() => { const script = document.createElement('script');"
        " script.textContent = \"document.title = 'owned'\"; document.body.append(script); })()"
    )

    assert page.run(TITLE) != "owned"


@pytest.mark.long
def test_ten_thousand_accounts_are_shown_sorted_and_filtered_at_once(shown: Show) -> None:
    page = shown(sample_report(accounts=10_000, sweeps=2))

    took = page.run(
        "(() => { const start = performance.now();"
        " document.querySelector('#accounts thead button').click(); return performance.now() - start; })()"
    )
    choose(page, "search", "ledger 99")

    assert took < 3000
    assert page.run(ROWS) <= 100
    assert page.run(COUNT).endswith("of 10,000 accounts")
    # And they are printed as those that need attention, and where the others are
    choose(page, "search", "")
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run("document.getElementById('printed').textContent") == (
        "Printed are 5 of the 5 accounts that need attention, of 10,000 accounts. All of them are in"
        " report.csv, beside this page."
    )
    assert page.run(ROWS) == 5
    check_nothing_went_wrong(page)


def test_the_first_sweep_of_no_account_at_all_is_a_page_too(shown: Show) -> None:
    page = shown(Given().sweep())

    assert page.run(COUNT) == "0 of 0 accounts"
    check_nothing_went_wrong(page)


def test_without_a_script_the_totals_checks_and_changes_are_there(shown: Show, report: Report) -> None:
    page = shown(report)
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.reload()

    page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert page.run("document.querySelectorAll('.tile').length") == 8
    assert page.run("document.querySelectorAll('.checks li').length") == 12


def test_the_picture_in_the_documentation(shown: Show, report: Report) -> None:
    page = shown(report)
    page.show(width=1280, height=1900)
    if os.environ.get("UPDATE_GOLDEN"):
        PICTURE.write_bytes(page.picture())

    assert PICTURE.stat().st_size < 300 * 1024
