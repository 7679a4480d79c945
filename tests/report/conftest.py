"""The report's page in a real browser; a skip says so in the test run's summary of warnings."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rootwarden.report.html_page import write_html
from rootwarden.report.report import Report
from tests.report.browser import Connection, Page, chromium, new_page, running
from tests.report.sample_organization import sample_report

_MISSING = "Chromium is not installed, so report.html was not looked at (apt-get install -y chromium)"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Chromium, or a skip that cannot be overlooked."""
    program = chromium()
    if program is None:
        warnings.warn(_MISSING, stacklevel=1)
        pytest.skip(_MISSING)
    with running(program, tmp_path_factory.mktemp("profile")) as connection:
        yield connection


@pytest.fixture
def shown(browser: Connection, tmp_path: Path) -> Iterator[Callable[[Report], Page]]:
    """Write a report's page and open it."""
    pages: list[Page] = []

    def show(report: Report) -> Page:
        path = tmp_path / "report.html"
        path.write_text(write_html(report), encoding="utf-8")
        page = new_page(browser)
        pages.append(page)
        page.show(width=1280)
        page.open(path)
        return page

    yield show
    for page in pages:
        page.call("Page.close")


@pytest.fixture(scope="session")
def report() -> Report:
    """A report of an organization of 200 accounts with every kind of row."""
    return sample_report()
