"""Asking the hub's functions, as an operator who may invoke them does."""

import json
from typing import Any

from local.aws import LocalAws
from rootwarden.contract.functions import Caller


def ask(
    aws: LocalAws, function: str, caller: Caller | None = Caller.PERSON, /, **request: object
) -> dict[str, Any]:
    """Invoke a function by a caller's alias; returns its answer, or what Lambda says of its error."""
    client = aws.client("lambda", account=aws.organization.hub.account, region=aws.organization.hub.region)
    [name] = [
        found["FunctionName"]
        for found in client.list_functions()["Functions"]
        if found["Handler"] == f"lambdas.{function}.handler"
    ]
    answer: dict[str, Any] = json.load(
        client.invoke(FunctionName=f"{name}:{caller}" if caller else name, Payload=json.dumps(request))[
            "Payload"
        ]
    )
    return answer
