"""State tables as the tests create them: the key is all that the adapters rely on."""

from itertools import count

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
