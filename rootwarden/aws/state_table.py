"""The one state table: items by `pk`, gone by themselves at `expires_at` (epoch seconds).

DynamoDB deletes expired items within days, not at once: every reader compares times itself.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from rootwarden.claims import Claim, ClaimState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, WriteRequestUnionTypeDef


Item = Mapping[str, "AttributeValueTypeDef"]

# What BatchWriteItem takes at once, and how often what it left over is written again.
_MOST_ITEMS = 25
_ROUNDS = 8
# DynamoDB takes 2,048 bytes. Longer keys than ours ever are come of texts that others wrote.
_LONGEST_KEY = 1024


class NotWritten(Exception):
    """When DynamoDB leaves items unwritten however often it is asked."""


def epoch(time: datetime) -> int:
    """Return a time as the table keeps it."""
    return int(time.timestamp())


def from_epoch(seconds: int) -> datetime:
    """Return a kept time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def text(value: str) -> "AttributeValueTypeDef":
    """Return a text attribute."""
    return {"S": value}


def primary_key(pk: str) -> "AttributeValueTypeDef":
    """Return an item's key: as it is, or its beginning and a digest of it where it is too long."""
    encoded = pk.encode()
    if len(encoded) <= _LONGEST_KEY:
        return text(pk)
    digest = sha256(encoded).hexdigest()
    beginning = encoded[: _LONGEST_KEY - len(digest) - 8].decode(errors="ignore")
    return text(f"{beginning}#sha256:{digest}")


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
    sleep: Callable[[float], None] = time.sleep

    def get(self, key: str) -> Item:
        """Return an item as it is now; empty where there is none."""
        answer = self.client.get_item(TableName=self.name, Key={"pk": primary_key(key)}, ConsistentRead=True)
        return answer.get("Item", {})

    def put(self, key: str, item: Item, *, expires_at: datetime) -> None:
        """Write an item, whatever was there."""
        self.client.put_item(
            TableName=self.name,
            Item={**item, "pk": primary_key(key), "expires_at": number(epoch(expires_at))},
        )

    def update(self, key: str, expression: str, values: "Mapping[str, AttributeValueTypeDef]") -> None:
        """Change an item, or begin it."""
        self.client.update_item(
            TableName=self.name,
            Key={"pk": primary_key(key)},
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
        )

    def put_all(self, items: Mapping[str, Item], *, expires_at: datetime) -> None:
        """Write items by their keys, whatever was there; raises NotWritten."""
        expires = number(epoch(expires_at))
        requests: list[WriteRequestUnionTypeDef] = [
            {"PutRequest": {"Item": {**item, "pk": primary_key(key), "expires_at": expires}}}
            for key, item in items.items()
        ]
        for first in range(0, len(requests), _MOST_ITEMS):
            self._write(requests[first : first + _MOST_ITEMS])

    def _write(self, requests: "list[WriteRequestUnionTypeDef]") -> None:
        left: Sequence[WriteRequestUnionTypeDef] = requests
        for attempt in range(_ROUNDS):
            answer = self.client.batch_write_item(RequestItems={self.name: left})
            left = answer.get("UnprocessedItems", {}).get(self.name, [])
            if not left:
                return
            self.sleep(min(0.05 * 2**attempt, 2))
        raise NotWritten(f"DynamoDB left {len(left)} of {len(requests)} items unwritten")


_KEPT = timedelta(days=2)


@dataclass(frozen=True)
class ClaimsTable:
    """See rootwarden.claims.Claims. kind keeps the keys of different work apart."""

    table: StateTable
    kind: str
    clock: Callable[[], datetime]

    def begin(self, key: str, *, lease: timedelta) -> Claim:
        """Claim the work, unless somebody else holds it or it is done."""
        client, now = self.table.client, self.clock()
        try:
            client.update_item(
                TableName=self.table.name,
                Key={"pk": primary_key(self._pk(key))},
                UpdateExpression="SET lease_until = :lease, expires_at = :kept REMOVE done_until",
                ConditionExpression=(
                    "(attribute_not_exists(lease_until) OR lease_until <= :now)"
                    " AND (attribute_not_exists(done_until) OR done_until <= :now)"
                ),
                ExpressionAttributeValues={
                    ":lease": number(epoch(now + lease)),
                    ":kept": number(epoch(now + _KEPT)),
                    ":now": number(epoch(now)),
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except client.exceptions.ConditionalCheckFailedException as refused:
            item = cast("Item", refused.response.get("Item", {}))
            done = number_in(item, "done_until") > epoch(now)
            return Claim(ClaimState.DONE if done else ClaimState.BUSY)
        return Claim(ClaimState.OURS)

    def is_done(self, key: str) -> bool:
        """Say whether the work is done, without claiming it."""
        return number_in(self.table.get(self._pk(key)), "done_until") > epoch(self.clock())

    def release(self, key: str) -> None:
        """Give the work back undone."""
        self.table.client.update_item(
            TableName=self.table.name,
            Key={"pk": primary_key(self._pk(key))},
            UpdateExpression="REMOVE lease_until",
        )

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Mark the work done; until `remember` is over, it is not done again."""
        until = number(epoch(self.clock() + remember))
        expression = "SET done_until = :until, expires_at = :until REMOVE lease_until"
        self.table.update(self._pk(key), expression, {":until": until})

    def _pk(self, key: str) -> str:
        return f"{self.kind}#{key}"
