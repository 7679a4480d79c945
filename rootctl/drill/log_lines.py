"""The functions' log lines that a drill knows; docs/architecture.md lists them."""

from collections.abc import Callable
from typing import TypeAlias

from rootctl.drill.hub_logs import LogLine

IsIt: TypeAlias = Callable[[LogLine], bool]

OUTCOME = "outcome published"
ASSESSED = "root activity assessed"
SENT = "notification sent"
NOT_TAKEN = "notification not taken"


def is_outcome(line: LogLine, *, account: str, detail_type: str, what: str | None = None) -> bool:
    """Say whether a line is of an outcome of this kind; what: its change or its result."""
    fields = line.fields
    if line.message != OUTCOME or fields.optional_text("detail_type") != detail_type:
        return False
    if fields.optional_text("detail", "account", "id") != account:
        return False
    found = (fields.optional_text("detail", "change"), fields.optional_text("detail", "result"))
    return what is None or what in found


def is_about(line: LogLine, *, message: str, outcome: str | None) -> bool:
    """Say whether a line of notify is about an outcome."""
    return line.message == message and line.fields.optional_text("outcome") == outcome


def said(line: LogLine) -> str:
    """Say an outcome, or an assessment that published none, in a few words."""
    if line.message != OUTCOME:
        return "counted in the burst of an alert that is less than 15 minutes old"
    detail = line.fields.object("detail")
    removed = [item.text("kind") for item in detail.objects("removed")] if detail.has("removed") else []
    words = (
        line.fields.text("detail_type"),
        detail.optional_text("change") or detail.optional_text("result") or detail.optional_text("activity"),
        detail.optional_text("severity"),
        f"removed: {', '.join(removed)}" if removed else None,
    )
    return ", ".join(word for word in words if word)
