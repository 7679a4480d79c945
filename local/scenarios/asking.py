"""Asking the hub's functions, as somebody who may invoke them does."""

import json
from typing import Any

from local.aws import LocalAws


def function_named(aws: LocalAws, function: str) -> dict[str, Any]:
    """Return what Lambda says of a function of the hub."""
    functions: list[dict[str, Any]] = aws.hub_client("lambda").list_functions()["Functions"]
    return next(found for found in functions if found["Handler"] == f"lambdas.{function}.handler")


def ask(aws: LocalAws, function: str, caller: str | None = "person", /, **request: object) -> dict[str, Any]:
    """Invoke a function by a caller's alias; returns its answer, or what Lambda says of its error."""
    name = function_named(aws, function)["FunctionName"]
    qualified = f"{name}:{caller}" if caller else name
    invoked = aws.hub_client("lambda").invoke(FunctionName=qualified, Payload=json.dumps(request))
    answer: dict[str, Any] = json.load(invoked["Payload"])
    return answer
