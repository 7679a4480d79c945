"""Whether a policy's statement applies to a call that is known beforehand, as far as it is known."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from rootwarden.policies.resource_policies import Condition, Statement

# Stands for what nobody knows beforehand, inside a resource or a value of the context.
UNKNOWN = "\0" * 99
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ARN_PARTS = 6
_OPEN = re.compile(r"\0|\$\{")

# None where an answer cannot be known beforehand.
_Answer = bool | None
# The conditions on which it depends whether a statement applies; empty: it does, None: it does not.
Hit = frozenset[str] | None


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
