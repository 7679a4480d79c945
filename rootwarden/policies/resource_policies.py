"""Statements of a resource policy: whom they concern, what they allow and deny."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from rootwarden.events import AccountId

_ACCOUNT = re.compile(r"(?:arn:[\w-]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?", re.DOTALL)


class Extent(Enum):
    """How much of an account a statement covers; root aside, which no policy keeps from its own resources."""

    EVERYONE = auto()
    SOME = auto()
    NOBODY = auto()


@dataclass(frozen=True)
class Covered:
    """Whom a statement is about, also in words. SOME stands for whatever is not certain, too."""

    extent: Extent
    who: str


EVERYONE = Covered(Extent.EVERYONE, "everyone in the account but root")
_NOBODY = Covered(Extent.NOBODY, "nobody in the account")
_UNCLEAR = Covered(Extent.SOME, "principals that cannot be read")


def covered_by(statement: Mapping[str, object], account_id: AccountId) -> Covered:
    """Say whom of an account a statement covers by its Principal or NotPrincipal."""
    elements = [name for name in ("Principal", "NotPrincipal") if name in statement]
    if len(elements) != 1:
        return _UNCLEAR
    try:
        extents = {name: _extent(kind, name, account_id) for kind, name in _names(statement[elements[0]])}
    except ValueError:
        return _UNCLEAR
    named = ", ".join(name for name, extent in extents.items() if extent is Extent.SOME)
    if elements == ["Principal"]:
        if Extent.EVERYONE in extents.values():
            return EVERYONE
        return Covered(Extent.SOME, named) if named else _NOBODY
    if "*" in extents:
        return _NOBODY
    # Naming the account there exempts its root alone: its users and roles are to be named themselves.
    return Covered(Extent.SOME, f"everyone in the account but root and {named}") if named else EVERYONE


def _names(principal: object) -> Iterator[tuple[str, str]]:
    groups = principal if isinstance(principal, Mapping) else {"AWS": principal}
    if not groups:
        raise ValueError("names nobody")
    for kind, found in groups.items():
        for name in found if isinstance(found, list) else [found]:
            if not isinstance(name, str):
                raise ValueError("takes texts")  # noqa: TRY004 - as every reader of policies
            yield kind, name


def _extent(kind: str, name: str, account_id: AccountId) -> Extent:
    if name == "*":
        return Extent.EVERYONE
    if kind == "Service":
        return Extent.NOBODY
    account = _ACCOUNT.fullmatch(name)
    if kind != "AWS" or account is None:
        # A unique id stands where somebody was deleted, a canonical id where nobody can tell.
        return Extent.SOME
    if account[1] != account_id:
        return Extent.NOBODY
    return Extent.EVERYONE if name == account_id or name.endswith(":root") else Extent.SOME


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
