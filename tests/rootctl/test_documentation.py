"""docs/rootctl.md says what the commands say of themselves."""

from rootctl.documentation import PAGE, page
from tests.docs.page import PROJECT


def test_the_page_is_current() -> None:
    text = (PROJECT / PAGE).read_text(encoding="utf-8")

    assert text == page(), "docs/rootctl.md is out of date: make rootctl-docs writes it anew"
