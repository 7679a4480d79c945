"""The schemas of outcome events: files in docs/schemas, and tables of their fields in docs/events.md."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import cleandoc
from pathlib import Path
from typing import Any

from msgspec.json import schema_components

from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.leaving import AccountLeft
from rootwarden.messages.compose import AlertTest
from rootwarden.outcomes import VERSION, Outcome, SessionsNotRecorded
from rootwarden.recovery.outcome import WindowChanged
from rootwarden.sweep.outcome import SweepCompleted
from rootwarden.unlocking.outcome import PolicyUnlocked

Schema = dict[str, Any]
# A field's name, what it takes, and what it is.
Row = tuple[str, str, str]

OUTCOMES: tuple[type[Outcome], ...] = (
    HardeningOutcome,
    ActivityAlert,
    ActivitySummary,
    AccountLeft,
    WindowChanged,
    SweepCompleted,
    PolicyUnlocked,
    SessionsNotRecorded,
    AlertTest,
)
DOCS = Path(__file__).parent.parent / "docs"
_PAGE = DOCS / "events.md"
_TABLE = re.compile(r"(<!-- fields of ([\w -]+) -->\n).*?(<!-- end of fields -->\n)", re.DOTALL)
_COMMON = re.compile(r"(<!-- common fields -->\n).*?(<!-- end of fields -->\n)", re.DOTALL)
_HEAD = "| field | takes | |\n|---|---|---|\n"
# A field that so many outcomes have alike is said once.
_OFTEN = 7
# More of them, and the table would say little else.
_LISTED = 10
_PATTERNS = {"^[0-9]{12}$": "12 digits"}
_TYPES = {
    "string": "text",
    "date-time": "time",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "object",
}


def written() -> dict[Path, str]:
    """Return what each file should hold."""
    schemas = {outcome.detail_type: schema(outcome) for outcome in OUTCOMES}
    files = {path(name): json.dumps(each, indent=2) + "\n" for name, each in schemas.items()}
    return files | {_PAGE: _page(_PAGE.read_text(encoding="utf-8"), schemas)}


def path(detail_type: str) -> Path:
    """Return where a schema's file is."""
    return DOCS / "schemas" / f"{detail_type.lower().replace(' ', '-')}.v{VERSION}.json"


def schema(outcome: type[Outcome]) -> Schema:
    """Return the JSON Schema of an outcome's detail. Open, because a later version may add fields."""
    _, parts = schema_components([outcome], ref_template="#/$defs/{name}")
    for part in parts.values():
        _finish(part)
    whole = parts.pop(outcome.__name__)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {**head, **whole, "title": outcome.detail_type, "$defs": parts}


def _finish(part: Schema) -> None:
    """Require what is always written: a default is for what an older version left out."""
    fields = part.get("properties", {})
    if fields:
        part["required"] = [name for name in fields if name in part["required"] or "default" in fields[name]]
    for each in (part, *fields.values()):
        each.pop("default", None)
        if "description" in each:
            each["description"] = cleandoc(each["description"])


def _page(page: str, schemas: Mapping[str, Schema]) -> str:
    fields = {name: list(_rows(whole, whole["$defs"], "")) for name, whole in schemas.items()}
    counted = Counter(row for rows in fields.values() for row in rows)
    common = [row for row, count in counted.items() if count >= _OFTEN]

    def table(found: re.Match[str]) -> str:
        rows, file = fields[found[2]], path(found[2]).relative_to(DOCS)
        head = f"JSON Schema: [`{file.name}`]({file}). {_besides(rows, common)}\n\n{_HEAD}"
        return f"{found[1]}{head}{_table(row for row in rows if row not in common)}{found[3]}"

    page = _COMMON.sub(lambda found: f"{found[1]}{_HEAD}{_table(common)}{found[2]}", page)
    return _TABLE.sub(table, page)


def _table(rows: Iterable[Row]) -> str:
    return "".join(f"| {name} | {takes} | {text} |\n" for name, takes, text in rows)


def _besides(rows: Sequence[Row], common: Sequence[Row]) -> str:
    """Say which of the fields that most outcomes have this one has not."""
    own = {_top(name) for name, _, _ in rows}
    lacking = dict.fromkeys(_top(name) for name, _, _ in common if _top(name) not in own)
    but = f", without {', '.join(f'`{name}`' for name in lacking)}" if lacking else ""
    return f"Besides [what most have](#fields-of-most-outcomes){but}:"


def _top(name: str) -> str:
    return name.strip("`").partition(".")[0]


def _rows(part: Schema, parts: Mapping[str, Schema], at: str) -> Iterator[Row]:
    """Yield a row for each field, and for the fields of its parts: name, what it takes, what it is."""
    for name, found in part["properties"].items():
        place = f"{at}{name}"
        inner, takes = _inner(found, parts)
        takes += "" if name in part["required"] else ", or left out"
        text = found.get("description", "")
        if "properties" not in inner:
            yield f"`{place}`", takes, text
            continue
        if takes != "object" or text:
            yield f"`{place}`", takes, text
        yield from _rows(inner, parts, f"{place}{'[]' if takes.startswith('list') else ''}.")


def _inner(found: Schema, parts: Mapping[str, Schema]) -> tuple[Schema, str]:
    """Return the schema that a field comes down to, and what it takes in words."""
    if "$ref" in found:
        found = parts[found["$ref"].rpartition("/")[2]]
    if "anyOf" in found:
        [some] = [each for each in found["anyOf"] if each != {"type": "null"}]
        inner, takes = _inner(some, parts)
        return inner, f"{takes}, or null"
    if found.get("type") == "array":
        inner, takes = _inner(found["items"], parts)
        return inner, f"list of {takes}"
    return found, _words(found)


def _words(found: Schema) -> str:
    if "enum" in found:
        values = ", ".join(f"`{value}`" for value in found["enum"])
        return values if len(found["enum"]) <= _LISTED else "one of those above"
    if "pattern" in found:
        return _PATTERNS[found["pattern"]]
    return _TYPES[str(found.get("format") or found["type"])]
