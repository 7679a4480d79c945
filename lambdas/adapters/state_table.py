"""The one state table: items by `pk`, gone by themselves at `expires_at` (epoch seconds).

DynamoDB deletes expired items within days, not at once: every reader compares times itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = Mapping[str, "AttributeValueTypeDef"]


def epoch(time: datetime) -> int:
    """Return a time as the table keeps it."""
    return int(time.timestamp())


def from_epoch(seconds: int) -> datetime:
    """Return a kept time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def text(value: str) -> "AttributeValueTypeDef":
    """Return a text attribute."""
    return {"S": value}


def number(value: int) -> "AttributeValueTypeDef":
    """Return a number attribute."""
    return {"N": str(value)}


def number_in(item: Item, name: str) -> int:
    """Return a number attribute's value, 0 where there is none."""
    return int(item.get(name, {}).get("N", "0"))


def text_in(item: Item, name: str) -> str | None:
    """Return a text attribute's value, None where there is none."""
    return item.get(name, {}).get("S")


@dataclass(frozen=True)
class StateTable:
    """The table with its client."""

    client: "DynamoDBClient"
    name: str

    def get(self, key: str) -> Item:
        """Return an item as it is now; empty where there is none."""
        answer = self.client.get_item(TableName=self.name, Key={"pk": text(key)}, ConsistentRead=True)
        return answer.get("Item", {})

    def put(self, key: str, item: Item, *, expires_at: datetime) -> None:
        """Write an item, whatever was there."""
        self.client.put_item(
            TableName=self.name,
            Item={**item, "pk": text(key), "expires_at": number(epoch(expires_at))},
        )
