"""Asking the hub's functions, as an operator who may invoke them does."""

import json
from typing import Any

from local.aws import LocalAws


def ask(aws: LocalAws, function: str, **request: object) -> dict[str, Any]:
    """Invoke a function with a request; returns its answer, or what Lambda says of its error."""
    client = aws.client("lambda", account=aws.organization.hub.account, region=aws.organization.hub.region)
    [name] = [
        found["FunctionName"]
        for found in client.list_functions()["Functions"]
        if found["Handler"] == f"lambdas.{function}.handler"
    ]
    answer: dict[str, Any] = json.load(
        client.invoke(FunctionName=name, Payload=json.dumps(request))["Payload"]
    )
    return answer
