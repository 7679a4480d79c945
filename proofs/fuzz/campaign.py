"""Runs cases by their seeds, and makes a failing one small."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from proofs.fuzz.targets import Target, case_of, target_of

# What a failing case is made smaller for, at most.
_TRIES = 2000


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One case that does not hold, with the smallest value found that fails alike."""

    seed: int
    target: str
    error: str
    value: Any

    def __str__(self) -> str:
        """Return what a person needs to go on."""
        shown = ascii(self.value)
        return (
            f"seed {self.seed}, {self.target}: {self.error}\n"
            f"  smallest: {shown if len(shown) < 2000 else f'{shown[:2000]}…'}\n"  # noqa: PLR2004 - a screen
            f"  again: python -m proofs fuzz --seed {self.seed}"
        )


def failures(first: int, count: int) -> Iterator[Failure]:
    """Run so many cases from a seed on; yield those that do not hold."""
    for seed in range(first, first + count):
        if found := failure_of(seed):
            yield found


def failure_of(seed: int) -> Failure | None:
    """Run one case."""
    target, value = target_of(seed), case_of(seed)
    error = _error(target, value)
    if error is None:
        return None
    smallest = _smallest(target, value, error)
    found = _error(target, smallest) or error
    return Failure(
        seed=seed,
        target=target.name,
        error=f"{type(found).__name__}: {ascii(str(found))[:300]}",
        value=smallest,
    )


def _error(target: Target, value: Any) -> Exception | None:
    try:
        target.attempt(value)
    except Exception as error:  # noqa: BLE001 - whatever a target does not say it raises is found
        return error
    return None


def _smallest(target: Target, value: Any, error: Exception) -> Any:
    """Take away what is not needed for the same kind of error."""
    tries = _TRIES
    is_json = isinstance(value, str) and _is_json(value)
    current = json.loads(value) if is_json else value
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(current):
            tries -= 1
            if tries < 0:
                break
            found = _error(target, json.dumps(smaller) if is_json else smaller)
            if found is not None and type(found) is type(error):
                current, shrunk = smaller, True
                break
    return json.dumps(current) if is_json else current


def _smaller(value: Any) -> Iterator[Any]:
    """Yield values with one thing less, the largest steps first."""
    match value:
        case dict():
            yield from ({k: v for k, v in value.items() if k != name} for name in value)
            yield from ({**value, name: less} for name in value for less in _smaller(value[name]))
        case list():
            yield from (value[:at] + value[at + 1 :] for at in range(len(value)))
            yield from (
                [*value[:at], less, *value[at + 1 :]]
                for at in range(len(value))
                for less in _smaller(value[at])
            )
        case str() if value:
            half = len(value) // 2
            yield from dict.fromkeys((value[:half], value[half:], value[1:], value[:-1]))


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False
