"""The plan as one self-contained page, in the report's style."""

import html
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib import resources
from string import Template

from rootctl.plan.planned import Planned, credential_in_words, use_in_words
from rootwarden.inert_text import inert


def page(plans: Sequence[Planned], summary: str, seen_at: datetime, missing: Sequence[str]) -> str:
    """Return the page; missing: what the report says it does not have."""
    template = Template(resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    style = resources.files("rootwarden.report").joinpath("report.css").read_text(encoding="utf-8")
    rows = "\n".join(map(_row, plans)) or '<tr><td colspan="5">Nothing to remove in what was seen.</td></tr>'
    return template.substitute(
        style=style,
        rows=rows,
        summary=_safe(summary),
        missing=_missing(missing),
        seen=f"{seen_at:%Y-%m-%d %H:%M} UTC",
    )


def _missing(said: Sequence[str]) -> str:
    if not said:
        return ""
    items = "".join(f"<li>{_safe(each)}</li>" for each in said)
    return f'<section class="missing"><h2>This report is incomplete</h2><ul>{items}</ul></section>'


def _row(each: Planned) -> str:
    cells = (
        [each.account.name or "", each.account.account_id or ""],
        [each.owner or "not named"],
        [each.fate.value.replace("_", " "), *map(credential_in_words, each.goes)],
        map(use_in_words, each.last_used),
        each.careful,
    )
    return f"<tr>{''.join(f'<td>{_lines(cell)}</td>' for cell in cells)}</tr>"


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(_safe(text) for text in texts if text)


def _safe(text: str) -> str:
    return html.escape(inert(text))
