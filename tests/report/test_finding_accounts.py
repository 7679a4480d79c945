"""report.html in a browser: how one account is found among many, by filters, its address, and on paper."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rootwarden.report.report import Report
from tests.report.browser import Page
from tests.report.page_table import COUNT, check_nothing_went_wrong, choose, names
from tests.report.sample_organization import sample_report
from tests.unit.fakes import NOON
from tests.unit.report_given import DENIED, KEY, Given, account, exposed, row, seen, unreachable

Show = Callable[[Report], Page]


@pytest.mark.long
def test_each_printed_page_says_what_it_is_of(shown: Show, report: Report) -> None:
    page = shown(report)

    on_top = page.run(
        "[...document.styleSheets[0].cssRules].filter((rule) => rule instanceof CSSPageRule)"
        ".flatMap((rule) => [...rule.cssRules]).map((rule) => rule.cssText).join(' ')"
    )

    assert f"Root credentials in {report.organization_id} · {report.finished_at:%Y-%m-%d %H:%M} UTC" in on_top
    assert 'counter(page) " of " counter(pages)' in on_top
    # And which column is which: a browser repeats no buttons
    page.show(width=1280, media="print")
    heads = page.run(
        "[...document.querySelectorAll('#accounts thead th')].map((head) =>"
        " [getComputedStyle(head, '::before').content, getComputedStyle(head.firstChild).display])"
    )
    assert heads[0] == ['"Account"', "none"]


def test_the_filter_by_unit_offers_the_units_there_are(shown: Show) -> None:
    given = Given()
    page = shown(
        given.sweep(row(1), row(2, organizationalUnit="ou-ab12-22222222"), row(3, organizationalUnit=None))
    )

    options = page.run("[...document.getElementById('unit').options].map((option) => option.value)")
    choose(page, "unit", "ou-ab12-22222222")

    assert options == ["", "(none)", "ou-ab12-11111111", "ou-ab12-22222222"]
    assert page.run(COUNT) == "1 of 3 accounts"
    # What would find nothing is not offered
    assert page.run("['owner', 'used'].map((id) => document.getElementById(id).closest('label').hidden)") == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("used", "recent", ["account-1", "account-2"]),
        ("used", "old", ["account-3"]),
        ("used", "never", ["account-4"]),
        ("used", "unknown", ["account-5", "account-6", "account-7"]),
    ],
)
def test_accounts_in_question_are_found_by_their_last_use(
    shown: Show, field: str, value: str, found: list[str]
) -> None:
    long_ago = NOON - timedelta(days=91)
    page = shown(
        Given().sweep(
            exposed(1, preview=seen(password=NOON)),
            exposed(2, KEY, preview=seen(NOON - timedelta(days=90), None)),
            exposed(3, KEY, preview=seen(long_ago)),
            exposed(4, preview=seen(password=None)),
            # One use that is not known may be later than the other
            exposed(5, KEY, preview=seen(long_ago, "not said")),
            exposed(6),
            unreachable(7),
            row(8),
        )
    )

    choose(page, field, value)

    assert names(page) == found
    check_nothing_went_wrong(page)


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("owner", "team-1", ["account-1"]),
        ("owner", "(none)", ["account-2"]),
        ("owner", "(not known)", ["account-3"]),
        ("owner", "(not looked up)", ["account-4"]),
        ("search", "TEAM-1", ["account-1"]),
    ],
)
def test_accounts_in_question_are_found_by_their_owner(
    shown: Show, field: str, value: str, found: list[str]
) -> None:
    given = Given(owners={account(1): "team-1", account(3): DENIED})
    page = shown(given.sweep(exposed(1), exposed(2), unreachable(3), row(4)))

    choose(page, field, value)

    assert names(page) == found
    assert "only of an account" in page.run("document.getElementById('owners').textContent")
    assert page.run("document.getElementById('owners').hidden") is False
    check_nothing_went_wrong(page)


@pytest.mark.long
def test_an_address_shows_one_account_however_far_down_it_stands(shown: Show) -> None:
    page = shown(sample_report(accounts=1_000, sweeps=2))
    wanted = page.run("JSON.parse(document.getElementById('data').textContent).accounts.at(-1).id")
    choose(page, "result", "exposed")

    page.run(
        f"new Promise((done) => {{ addEventListener('hashchange', done); location.hash = '{wanted}'; }})"
    )

    assert page.run(COUNT) == "1 of 1,000 accounts"
    assert page.run("document.querySelector('#accounts tr.sought a').getAttribute('href')") == f"#{wanted}"
    assert page.run("document.querySelector('.accounts').getBoundingClientRect().top") < 1000
    # And so does the address when it is opened, in the form of the console, too
    page.run(f"history.replaceState(null, '', '#{wanted[:4]}-{wanted[4:8]}-{wanted[8:]}')")
    page.reload()
    assert page.run("document.querySelectorAll('#accounts tr.sought').length") == 1
    check_nothing_went_wrong(page)


def test_the_legend_explains_every_result_and_mark(shown: Show, report: Report) -> None:
    page = shown(report)

    explained = page.run("[...document.querySelectorAll('.key dt')].map((term) => term.textContent.trim())")

    assert {"Clean", "Hardened", "Exposed", "Partial", "Unreachable", "✓ \u2013 ?", "✓✗?"} == set(explained)
