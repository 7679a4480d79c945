"""Policy statements as documents have them. The functions raise ValueError, saying what AWS takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Condition:
    """One operator on one key."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement. label: its Sid, or its place where it has none; not_…: in the element's Not… form."""

    label: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[Condition, ...]


def statements_in(document: object) -> list[object]:
    """Return a document's statements, unread."""
    if not isinstance(document, dict) or "Statement" not in document:
        raise ValueError("it takes an object with a Statement")
    statements = document["Statement"]
    return statements if isinstance(statements, list) else [statements]


def read_statement(place: int, found: object) -> Statement:
    """Read one statement, the one at this place."""
    label = f"statement {place}"
    if not isinstance(found, dict) or found.get("Effect") not in ("Allow", "Deny"):
        raise ValueError(f"{label} takes an object with Effect Allow or Deny")
    actions, not_actions = _either(found, label, "Action", "NotAction")
    resources, not_resources = _either(found, label, "Resource", "NotResource")
    conditions = found.get("Condition", {})
    if not isinstance(conditions, dict) or not all(isinstance(keys, dict) for keys in conditions.values()):
        raise ValueError(f"{label}: Condition takes operators, each with an object of keys")
    return Statement(
        label=str(found.get("Sid") or label),
        allows=found["Effect"] == "Allow",
        actions=actions,
        not_actions=not_actions,
        resources=resources,
        not_resources=not_resources,
        conditions=tuple(
            Condition(operator, key, texts(values, f"{label}: {key}"))
            for operator, keys in conditions.items()
            for key, values in keys.items()
        ),
    )


def _either(found: Mapping[str, Any], label: str, element: str, negated: str) -> tuple[tuple[str, ...], bool]:
    named = [name for name in (element, negated) if name in found]
    if len(named) != 1:
        raise ValueError(f"{label} takes exactly one of {element} and {negated}")
    return texts(found[named[0]], f"{label}: {named[0]}"), named[0] == negated


def texts(found: object, place: str) -> tuple[str, ...]:
    """Return one text or many; AWS takes true for "true", and 5 for "5"."""
    values = found if isinstance(found, list) else [found]
    if not all(isinstance(value, str | int | float) for value in values):
        raise ValueError(f"{place} takes texts")
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
