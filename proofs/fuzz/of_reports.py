"""Reports on accounts whose names, units and errors strangers wrote."""

import json
from typing import Any

from proofs.fuzz.inertness import Broken, spreadsheet, tags_of, visible
from proofs.fuzz.strangers import Stranger
from rootwarden.report.csv_document import write_csv
from rootwarden.report.html_page import write_html
from tests.unit.report_given import Given, exposed, row, unreachable

# What report.html and html_parts.py write: its data and one script of our own, and nothing that loads more.
_ELEMENTS = frozenset(
    (
        *("html", "head", "meta", "title", "link", "style", "body", "main", "header", "section", "noscript"),
        *("details", "summary"),
        *(
            "h1",
            "h2",
            "h3",
            "p",
            "div",
            "span",
            "b",
            "ul",
            "li",
            "dl",
            "dt",
            "dd",
            "label",
            "input",
            "select",
        ),
        *("option", "button", "table", "thead", "tbody", "tr", "th", "td", "script", "svg", "path", "rect"),
        *("circle", "g", "line", "polyline", "text"),
    )
)
_RUNS = frozenset({"src", "srcdoc", "onerror", "onload", "onclick", "formaction", "action"})
_SCRIPTS = 2


def rows(stranger: Stranger) -> Any:
    """Write what batches left of three accounts."""
    found = [row(1), exposed(2), unreachable(3)]
    if stranger.chance(0.5):
        return [
            {
                **each,
                "name": stranger.text(),
                "organizationalUnit": stranger.text(),
                "message": stranger.text(),
            }
            for each in found
        ]
    return stranger.changed(found)


def write(found: Any) -> None:
    """Write a report of them."""
    lines = (
        "".join(f"{json.dumps(each)}\n" for each in found) if isinstance(found, list) else json.dumps(found)
    )
    listed = [
        {"id": each.get("id"), "name": each.get("name"), "state": "ACTIVE"}
        for each in (found if isinstance(found, list) else [])
        if isinstance(each, dict)
    ]
    report = Given().read(json.dumps(listed), {"results/1.jsonl": lines})
    spreadsheet(write_csv(report), "report.csv")
    page = write_html(report)
    visible(page, "report.html")
    shape = tags_of(page)
    if strange := [
        tag for tag, attributes in shape if tag not in _ELEMENTS or _RUNS.intersection(attributes)
    ]:
        raise Broken(f"report.html has an element of a stranger: {strange[0]}")
    if (scripts := sum(tag == "script" for tag, _ in shape)) != _SCRIPTS:
        raise Broken(f"report.html has {scripts} scripts")
