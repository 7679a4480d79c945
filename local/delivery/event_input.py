"""What a rule's target receives of an event: Input, InputPath, InputTransformer."""

import json
import re
from collections.abc import Mapping
from typing import Any

from local.delivery.event_matching import Event

_PLACEHOLDER = re.compile(r"<([^<>]+)>")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class InputPathError(ValueError):
    """When a JSON path is not of the simple kind this program follows."""


def input_of(target: Mapping[str, Any], event: Event) -> str:
    """Return the text a target receives."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        return json.dumps(_at(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    return _transformed(transformer, event) if transformer else json.dumps(event)


def _transformed(transformer: Mapping[str, Any], event: Event) -> str:
    template = transformer["InputTemplate"]
    paths = transformer.get("InputPathsMap", {})

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        if name == "aws.events.event.json":
            return json.dumps(event)
        if name not in paths:
            return match[0]
        value = _at(paths[name], event)
        text = json.dumps(value)
        return text.strip('"') if _is_quoted(template, match.start()) else text

    return _PLACEHOLDER.sub(replacement, template)


def _is_quoted(template: str, position: int) -> bool:
    return len(re.findall(r'(?<!\\)"', template[:position])) % 2 == 1


def _at(path: str, event: Event) -> Any:
    """Follow a path; what is not there is null."""
    steps = _STEP.findall(path)
    if "$" + "".join(f".{key}" if key else f"[{index}]" for key, index in steps) != path:
        raise InputPathError(f"the JSON path {path!r} is not understood here")
    value: Any = event
    for key, index in steps:
        try:
            value = value[key] if key else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return value
