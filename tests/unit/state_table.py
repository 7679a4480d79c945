"""State tables as the tests create them: the key is all that the adapters rely on."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import boto3

from rootwarden.aws.state_table import StateTable


class StateTables:
    """Creates one table after another in moto, with one client."""

    def __init__(self) -> None:
        self._client = boto3.client("dynamodb")
        self._numbers = count()

    def create(self) -> StateTable:
        """Create an empty table."""
        name = f"rootwarden-state-{next(self._numbers)}"
        self._client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return StateTable(self._client, name)


class LosesAnswers:
    """A client whose answers are lost once each, so that every request is made twice."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, call: str) -> Callable[..., Any]:
        """Return a call that is repeated as botocore repeats it."""

        def twice(**parameters: object) -> Any:
            getattr(self._client, call)(**parameters)
            return getattr(self._client, call)(**parameters)

        return twice


def losing_answers(table: StateTable) -> StateTable:
    """Return the table as a function sees it that no answer reaches at first."""
    return replace(table, client=LosesAnswers(table.client))  # type: ignore[arg-type] # as much of it as is needed
