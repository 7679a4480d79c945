"""The data a state machine carries: paths into it, and templates filled from it."""

import json
import re
from collections.abc import Mapping
from typing import Any

_STEPS = re.compile(r"(?:\.[A-Za-z_]\w*)*")
_MISSING = object()
# What a state takes, answers or leaves, as UTF-8 JSON.
MOST_BYTES = 262_144
TOO_MUCH_DATA = "States.DataLimitExceeded"


class StateFailedError(Exception):
    """When a state ends in an error; the error's name is what `Retry` looks at."""

    def __init__(self, error: str, cause: str) -> None:
        """Take AWS's name of the error and its description."""
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


def bounded(name: str, data: Any) -> Any:
    """Return the data of a state; raise StateFailedError where AWS would find it too long."""
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
    if size > MOST_BYTES:
        text = f"The state '{name}' returned a result of {size} bytes, more than {MOST_BYTES}"
        raise StateFailedError(TOO_MUCH_DATA, text)
    return data


def read(path: str, data: Any, context: Mapping[str, Any]) -> Any:
    """Return what a path points at, `$$` in the context and `$` in the data."""
    found = _find(path, data, context)
    if found is _MISSING:
        raise StateFailedError("States.Runtime", f"the path {path} is not in the input")
    return found


def exists(path: str, data: Any, context: Mapping[str, Any]) -> bool:
    """Say whether a path points at anything, be it null."""
    return _find(path, data, context) is not _MISSING


def is_path(path: str) -> bool:
    """Say whether this program can follow the path."""
    return path.startswith("$") and _STEPS.fullmatch(path.removeprefix("$").removeprefix("$")) is not None


def fill(template: Any, data: Any, context: Mapping[str, Any]) -> Any:
    """Return a payload template with every `name.$` replaced by what its path points at."""
    if isinstance(template, list):
        return [fill(item, data, context) for item in template]
    if not isinstance(template, dict):
        return template
    return {
        key.removesuffix(".$"): read(value, data, context)
        if key.endswith(".$")
        else fill(value, data, context)
        for key, value in template.items()
    }


def place(path: str | None, data: Any, result: Any) -> Any:
    """Return the data with a result put where `ResultPath` says; None drops the result."""
    if path is None:
        return data
    names = path.split(".")[1:]
    return _with(data, names, result)


def _with(data: Any, names: list[str], result: Any) -> Any:
    if not names:
        return result
    inner = data.get(names[0], {})
    return {**data, names[0]: _with(inner, names[1:], result)}


def _find(path: str, data: Any, context: Mapping[str, Any]) -> Any:
    found = context if path.startswith("$$") else data
    for name in path.split(".")[1:]:
        if not isinstance(found, Mapping) or name not in found:
            return _MISSING
        found = found[name]
    return found
