"""The page as a person handles it: its table, and what it may not do."""

from tests.report.browser import Page

ROWS = "document.querySelectorAll('#accounts tbody tr').length"
COUNT = "document.getElementById('count').textContent"
TITLE = "document.title"


def choose(page: Page, field: str, value: str) -> None:
    """Fill in a filter as a person does."""
    kind = "input" if field == "search" else "change"
    page.run(
        f"(() => {{ const field = document.getElementById('{field}'); field.value = {value!r};"
        f" field.dispatchEvent(new Event('{kind}')); }})()"
    )


def sort_by(page: Page, column: str) -> None:
    page.run(
        "[...document.querySelectorAll('#accounts thead button')]"
        f".find((button) => button.textContent === {column!r}).click()"
    )


def names(page: Page) -> list[str]:
    found = page.run("[...document.querySelectorAll('#accounts .name')].map((name) => name.textContent)")
    assert isinstance(found, list)
    return found


def check_nothing_went_wrong(page: Page) -> None:
    logged = page.said("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    assert logged == []
    loaded = {sent["request"]["url"].partition(":")[0] for sent in page.said("Network.requestWillBeSent")}
    assert loaded <= {"file", "data"}
