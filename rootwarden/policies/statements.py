"""A policy's statements: whom they concern, and whether they apply to a call that is known beforehand."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import translate
from functools import lru_cache
from typing import Any

from rootwarden.events import AccountId

_ACCOUNT = re.compile(r"(?:arn:[\w-]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?", re.DOTALL)
# Stands for what nobody knows beforehand, inside a resource or a value of the context.
UNKNOWN = "\0" * 99
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ARN_PARTS = 6
_OPEN = re.compile(r"\0|\$\{")

# None where an answer cannot be known beforehand.
_Answer = bool | None
# The conditions on which it depends whether a statement applies; empty: it does, None: it does not.
Hit = frozenset[str] | None


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


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call. context: its condition keys in lower case; keys that begin with one of `absent` it has not.

    Every other key is unknown.
    """

    action: str
    resource: str
    context: Mapping[str, str]
    absent: tuple[str, ...]

    def hit_by(self, statement: Statement) -> Hit:
        """Say whether a statement applies to the call."""
        named = any(_like(value.lower(), self.action.lower()) for value in statement.actions)
        if named is statement.not_actions:
            return None
        answers = [(condition.key, self._meets(condition)) for condition in statement.conditions]
        found = _any(_is_like(pattern, self.resource) for pattern in statement.resources)
        answers.append(("Resource", found if found is None else found is not statement.not_resources))
        if any(answer is False for _, answer in answers):
            return None
        return frozenset(name for name, answer in answers if answer is None)

    def _meets(self, condition: Condition) -> _Answer:
        key = condition.key.lower()
        quantifier, _, base = condition.operator.rpartition(":")
        name = base.removesuffix("IfExists")
        compare = _COMPARISONS.get(name.replace("Not", ""))
        is_absent = key.startswith(self.absent)
        if compare is None or (key not in self.context and not is_absent):
            return None
        if name == "Null":
            return is_absent in [value.lower() == "true" for value in condition.values]
        if is_absent:
            return base != name or quantifier == "ForAllValues" or (not quantifier and "Not" in name)
        filled = [_VARIABLE.sub(self._value_of, value) for value in condition.values]
        met = _any(None if UNKNOWN in want else compare(want, self.context[key]) for want in filled)
        return met if met is None else met is not ("Not" in name)

    def _value_of(self, variable: re.Match[str]) -> str:
        return self.context.get(variable[1].lower(), UNKNOWN)


def _any(answers: Iterable[_Answer]) -> _Answer:
    found = set(answers)
    return True if True in found else None if None in found else False


def _is_like(pattern: str, actual: str) -> _Answer:
    known, literal = actual.partition(UNKNOWN)[0], re.split(r"[*?\0]|\$\{", pattern)[0]
    is_open = _OPEN.search(pattern) is not None
    if not is_open and _like(pattern, actual):
        return True
    undecided = is_open or known != actual
    return None if undecided and (literal.startswith(known) or known.startswith(literal)) else False


def _is_equal(wanted: str, actual: str) -> _Answer:
    known = actual.partition(UNKNOWN)[0]
    if known == actual:
        return wanted == actual
    return None if wanted.startswith(known) else False


def _is_arn_like(pattern: str, actual: str) -> _Answer:
    patterns, parts = pattern.split(":", 5), actual.split(":", 5)
    if not len(patterns) == len(parts) == _ARN_PARTS:
        # What AWS makes of a text that is no ARN is documented nowhere.
        return None
    answers = {_is_like(*pair) for pair in zip(patterns, parts, strict=True)}
    return False if False in answers else None if None in answers else True


def _is_less(wanted: str, actual: str) -> _Answer:
    try:
        return float(actual) < float(wanted)
    except ValueError:
        return None


def _in_any_case(wanted: str, actual: str) -> _Answer:
    return _is_equal(wanted.lower(), actual.lower())


@lru_cache(maxsize=4096)
def _like(pattern: str, actual: str) -> bool:
    # A policy's patterns know * and ? only; "[" is nothing special to them.
    return re.match(translate(pattern.replace("[", "[[]")), actual) is not None


_COMPARISONS: Mapping[str, Callable[[str, str], _Answer]] = {
    "StringEquals": _is_equal,
    "StringEqualsIgnoreCase": _in_any_case,
    "StringLike": _is_like,
    "ArnEquals": _is_arn_like,
    "ArnLike": _is_arn_like,
    "NumericLessThan": _is_less,
    "Null": _is_equal,
    "Bool": _in_any_case,
}
