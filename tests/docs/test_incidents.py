"""docs/incidents.md: every activity has one heading, and each heading says what a person needs."""

import re

import pytest

from rootwarden.activity.classification import ROWS
from rootwarden.activity.root_activity import Activity
from tests.docs.page import Page, anchor, in_code

PAGE = Page("docs/incidents.md")
_ROWS = PAGE.table("Incidents")
_NO_INCIDENT = {"Incidents", "First, always"}


def test_each_activity_leads_to_one_heading() -> None:
    named = [activity for row in _ROWS for activity in in_code(row["activity in the alert"])]
    assert sorted(named) == sorted(activity.value for activity in Activity)


def test_each_heading_is_led_to() -> None:
    anchors = {anchor(title) for title in PAGE.headings if title not in _NO_INCIDENT}
    assert {row["heading"].partition("(#")[2].rstrip(")") for row in _ROWS} == anchors


@pytest.mark.parametrize("title", [title for title in PAGE.headings if title not in _NO_INCIDENT])
def test_each_heading_says_what_it_means_how_to_look_what_to_type_and_when_it_is_over(title: str) -> None:
    section = PAGE.section(title)
    positions = [section.find(word) for word in ("**Means.**", "**Look.**", "**Type.**", "**Over** when")]
    assert positions == sorted(positions)
    assert min(positions) >= 0


def test_alerts_name_headings_that_exist() -> None:
    steps = [step for row in ROWS for step in row.steps]
    named = [name for step in steps for name in re.findall(r"docs/incidents\.md, (.+)\.$", step)]
    assert named
    assert set(named) <= set(PAGE.headings)
