"""docs/incidents.md: every activity has one heading, and each heading says what a person needs."""

import re

import pytest

from rootwarden.contract.activities import Activity
from rootwarden.messages.message import ENTRY_OF
from schemas.outcomes import OUTCOMES as OUTCOME_TYPES
from tests.docs.page import PROJECT, Page, anchor, in_code

PAGE = Page("docs/incidents.md")
_ROWS = PAGE.table("Incidents")
_NO_INCIDENT = {"Incidents", "First, always"}


def test_each_activity_leads_to_one_heading() -> None:
    named = [activity for row in _ROWS for activity in in_code(row["activity in the alert"])]
    outcomes = (outcome.detail_type.lower().replace(" ", "_") for outcome in OUTCOME_TYPES)
    others = set(outcomes) - {"root_activity_alert", "test_alert"}
    assert sorted(named) == sorted([*(activity.value for activity in Activity), *others])


def test_each_alert_leads_to_that_heading() -> None:
    for row in _ROWS:
        for named in in_code(row["activity in the alert"]):
            if named in set(Activity):
                assert f"(#{anchor(ENTRY_OF[Activity(named)])})" in row["heading"]


def test_each_heading_is_led_to() -> None:
    anchors = {anchor(title) for title in PAGE.headings if title not in _NO_INCIDENT - {"First, always"}}
    assert {row["heading"].partition("(#")[2].rstrip(")") for row in _ROWS} == anchors


@pytest.mark.parametrize("title", [title for title in PAGE.headings if title not in _NO_INCIDENT])
def test_each_heading_says_what_it_means_how_to_look_what_to_type_and_when_it_is_over(title: str) -> None:
    section = PAGE.section(title)
    positions = [section.find(word) for word in ("**Means.**", "**Look.**", "**Type.**", "**Over** when")]
    assert positions == sorted(positions)
    assert min(positions) >= 0


def test_every_message_leads_to_a_heading_of_this_page() -> None:
    for path in sorted((PROJECT / "tests/golden").glob("*.email.txt")):
        text = path.read_text(encoding="utf-8")
        entries = re.findall(r"^  Runbook: \S+/incidents\.md#(\S+)$", text, re.MULTILINE)
        assert set(entries) <= {anchor(title) for title in PAGE.headings}, path.name
        assert entries or path.name == "alert_test.email.txt", path.name
