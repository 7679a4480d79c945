"""DynamoDB's state table in memory: the expressions that rootwarden uses, evaluated as DynamoDB does."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

Item = dict[str, Any]
Attribute = Mapping[str, Any]
_TOKEN = re.compile(r"[:#]?[\w#]+(?:\.[#\w]+)*|<=|>=|<>|[=<>(),]")
_SECTION = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class ConditionFailed(Exception):
    """When a condition does not hold. item: what is there."""

    def __init__(self, item: Item) -> None:
        super().__init__("The conditional request failed")
        self.item = item


class VirtualTable:
    """Items by `pk`."""

    def __init__(self) -> None:
        """Begin empty."""
        self.items: dict[str, Item] = {}

    def write(self, operation: str, given: Mapping[str, Any]) -> Item:
        """Do PutItem, UpdateItem or DeleteItem; return what is there then. Raises ConditionFailed."""
        key = (given.get("Item") or given["Key"])["pk"]["S"]
        there = self.items.get(key, {})
        names, values = given.get("ExpressionAttributeNames", {}), given.get("ExpressionAttributeValues", {})
        condition = given.get("ConditionExpression")
        if condition and not _Condition(condition, names, values, there).holds():
            raise ConditionFailed(there)
        if operation == "DeleteItem":
            self.items.pop(key, None)
            return {}
        item = dict(given["Item"]) if operation == "PutItem" else deepcopy(there) or {"pk": {"S": key}}
        if operation == "UpdateItem":
            _update(item, given["UpdateExpression"], names, values)
        self.items[key] = item
        return item


@cache
def _tokens(expression: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(expression))


class _Condition:
    """One condition, read from left to right: OR of ANDs of comparisons, functions and parentheses."""

    def __init__(
        self, text: str, names: Mapping[str, str], values: Mapping[str, Attribute], item: Item
    ) -> None:
        self._tokens, self._at = _tokens(text), 0
        self._names, self._values, self._item = names, values, item

    def holds(self) -> bool:
        found = self._both()
        while self._take("OR"):
            found = self._both() or found
        return found

    def _both(self) -> bool:
        found = self._single()
        while self._take("AND"):
            found = self._single() and found
        return found

    def _single(self) -> bool:
        if self._take("("):
            found = self.holds()
            self._next()
            return found
        if self._peek() in {"attribute_exists", "attribute_not_exists"}:
            wanted = self._next() == "attribute_exists"
            return (self._in_parentheses() is not None) is wanted
        left, compare, right = self._operand(), self._next(), self._operand()
        return left is not None and right is not None and _COMPARE[compare](left, right)

    def _operand(self) -> Any:
        if self._peek() == "size":
            self._next()
            return len(self._in_parentheses() or ())
        return _plain(self._found(self._next()))

    def _in_parentheses(self) -> Any:
        self._next()
        found = _plain(self._found(self._next()))
        self._next()
        return found

    def _found(self, token: str) -> Attribute | None:
        return self._values[token] if token.startswith(":") else _get(self._item, token, self._names)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token, self._at = self._peek(), self._at + 1
        return token

    def _take(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True


def _update(item: Item, expression: str, names: Mapping[str, str], values: Mapping[str, Attribute]) -> None:
    _, *parts = _SECTION.split(expression)
    for action, text in zip(parts[::2], parts[1::2], strict=True):
        for change in text.split(","):
            path, _, value = change.strip().replace("=", " ").partition(" ")
            _change(item, action, path, names, values.get(value.strip()))


def _change(item: Item, action: str, path: str, names: Mapping[str, str], value: Attribute | None) -> None:
    *parents, last = (names.get(part, part) for part in path.split("."))
    for parent in parents:
        item = item[parent]["M"]
    match action, value:
        case "SET", _:
            item[last] = value
        case "REMOVE", _:
            item.pop(last, None)
        case "ADD", {"N": number}:
            item[last] = {"N": str(int(item.get(last, {"N": "0"})["N"]) + int(number))}
        case _, {"SS": texts}:
            there = set(item.get(last, {"SS": []})["SS"])
            item[last] = {"SS": sorted(there | set(texts) if action == "ADD" else there - set(texts))}
            if not item[last]["SS"]:
                del item[last]


def _get(item: Item, path: str, names: Mapping[str, str]) -> Attribute | None:
    found: Any = {"M": item}
    for part in path.split("."):
        found = found["M"].get(names.get(part, part))
        if found is None:
            return None
    attribute: Attribute = found
    return attribute


def _plain(attribute: Attribute | None) -> Any:
    if attribute is None:
        return None
    [(kind, value)] = attribute.items()
    return int(value) if kind == "N" else value
