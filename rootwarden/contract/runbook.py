"""Where people read on: the address of an entry in docs/incidents.md or docs/runbook.md."""

import re


def entry(docs: str, page: str, heading: str) -> str:
    """Return an entry's address. docs: where the docs folder is read, as `runbook_url` says."""
    return f"{docs}/{page}#{anchor(heading)}"


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
