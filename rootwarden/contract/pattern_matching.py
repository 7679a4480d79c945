"""Whether an event pattern matches an event, as EventBridge decides it.

It knows what our patterns and those of the deployed rules compare by; what it does not know it refuses.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any


class UnknownOperator(Exception):
    """When a pattern compares in a way that is not known here, so that nothing can be said of it."""


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Say whether a pattern matches an event; raises UnknownOperator."""
    return all(_field_matches(name, wanted, event) for name, wanted in pattern.items())


def _field_matches(name: str, wanted: Any, event: Mapping[str, Any]) -> bool:
    if name == "$or":
        return any(matches(choice, event) for choice in wanted)
    found = event.get(name)
    items = found if isinstance(found, list) else [found] if name in event else []
    if isinstance(wanted, Mapping):
        objects = [item for item in items if isinstance(item, Mapping)]
        # Where nothing stands, a pattern may still ask that nothing does.
        return any(matches(wanted, item) for item in objects or [{}])
    leaves = [item for item in items if not isinstance(item, Mapping)]
    return any(_matcher_matches(matcher, leaves) for matcher in wanted)


def _matcher_matches(matcher: Any, leaves: list[Any]) -> bool:
    if not isinstance(matcher, Mapping):
        return any(_equal(matcher, leaf) for leaf in leaves)
    operator, operand = _operation(matcher)
    if operator == "exists":
        return bool(leaves) is operand
    compare = _comparison(operator, operand)
    return any(compare(leaf) for leaf in leaves)


def _comparison(operator: str, operand: Any) -> Callable[[Any], bool]:
    if operator == "anything-but":
        if isinstance(operand, Mapping):
            excluded = _comparison(*_operation(operand))
            return lambda leaf: not excluded(leaf)
        return lambda leaf: not any(_equal(each, leaf) for each in _listed(operand))
    if operator not in _OF_TEXTS:
        raise UnknownOperator(f"a rule compares by {operator}, which this version cannot")
    compare, texts = _OF_TEXTS[operator], _listed(operand)
    if operator in {"prefix", "suffix"} and isinstance(operand, Mapping):
        [(how, wanted)] = operand.items()
        if how == "equals-ignore-case":
            compare, texts = _in_any_case(compare), _listed(wanted)
    if not all(isinstance(each, str) for each in texts):
        raise UnknownOperator(f"a rule compares by {operator} with {operand}, which this version cannot")
    return lambda leaf: isinstance(leaf, str) and any(compare(leaf, each) for each in texts)


def _in_any_case(compare: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
    return lambda leaf, wanted: compare(leaf.lower(), wanted.lower())


def _operation(matcher: Mapping[str, Any]) -> tuple[str, Any]:
    if len(matcher) != 1:
        raise UnknownOperator(f"a rule compares by {dict(matcher)}, which this version cannot")
    [(operator, operand)] = matcher.items()
    return operator, operand


_OF_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "prefix": str.startswith,
    "suffix": str.endswith,
    "equals-ignore-case": lambda leaf, wanted: leaf.lower() == wanted.lower(),
    "wildcard": lambda leaf, wanted: (
        re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), leaf, re.S) is not None
    ),
}


def _equal(wanted: Any, leaf: Any) -> bool:
    # To Python True is 1; to EventBridge it is not.
    return type(wanted) is type(leaf) and bool(wanted == leaf)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
