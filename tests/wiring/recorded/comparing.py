"""Compares recorded answers of AWS with those of the embedded AWS: by shape, as ids and times differ."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Answers = Iterable[Mapping[str, Any]]
# The JSON types at a place; "code X" where a call was refused.
Shape = dict[str, set[str]]

_SPOKEN = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number"}
_SPOKEN |= {float: "a number", type(None): "null"}


def differences(recorded: Answers, embedded: Answers) -> list[str]:
    """Return where the embedded AWS differs from what was recorded; calls that only it made do not count."""
    real, own = _shapes(recorded), _shapes(embedded)
    return [text for call, shape in real.items() for text in _differing(call, shape, own.get(call))]


def _differing(call: str, real: Shape, own: Shape | None) -> Iterator[str]:
    if own is None:
        yield f"{call}: the embedded AWS was not asked this"
        return
    for place in sorted(real.keys() | own.keys()):
        there, here = real.get(place), own.get(place)
        if here is None:
            yield f"{call}: {place} is missing in the embedded AWS's answer"
        elif there is None:
            yield f"{call}: {place} is in the embedded AWS's answer alone"
        elif there != here:
            yield f"{call}: {place} is {_listed(there)}, and {_listed(here)} in the embedded AWS"


def _shapes(answers: Answers) -> dict[str, Shape]:
    """Return each call's shape, all its answers laid over each other."""
    shapes: dict[str, Shape] = defaultdict(lambda: defaultdict(set))
    for each in answers:
        shape = shapes[f"{each['service']} {each['operation']}"]
        if "error" in each:
            shape["the error"].add(each["error"]["Code"])
        for place, kind in _places("", each.get("answer", {})):
            shape[place].add(kind)
    return shapes


def _places(where: str, value: Any) -> Iterator[tuple[str, str]]:
    if where:
        yield where, _SPOKEN[type(value)]
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _places(f"{where}.{name}" if where else name, each)
    elif isinstance(value, list):
        for each in value:
            yield from _places(f"{where}[]", each)


def _listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
