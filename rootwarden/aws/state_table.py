"""The one state table: items by `pk`, gone by themselves at `expires_at` (epoch seconds).

DynamoDB deletes expired items within days, not at once: every reader compares times itself.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from rootwarden.aws.clients import error_code
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, WriteRequestUnionTypeDef


# Texts, whole numbers, sets of texts, and maps of texts.
Item = Mapping[str, Any]

_SERIALIZE = TypeSerializer().serialize
_DESERIALIZE = TypeDeserializer().deserialize

# What BatchGetItem and BatchWriteItem take at once, and how often what they left over is asked for again.
_MOST_KEYS = 100
_MOST_ITEMS = 25
_ROUNDS = 8
# DynamoDB takes 2,048 bytes. Longer keys than ours ever are come of texts that others wrote.
_LONGEST_KEY = 1024


class KeyKind(Enum):
    """The kinds of items, by how their keys begin: what each holds, and for how long it is kept.

    kept: None for claims, which are kept as long as what is done stays done, and for what is never deleted.
    """

    ACCOUNT = "claim", None
    # Longer than the yearly audit that may ask for it, and than any message waits to be put back.
    REMOVAL = (
        "before deleting: first posture and every credential found; what was removed",
        timedelta(days=400),
    )
    REMOVALS = "the accounts that have such a record: a sweep names them in its rows", None
    POSTURE = "last posture, result, name, time", timedelta(days=400)
    # Apart from POSTURE, which says when an account was hardened last.
    SEEN = "what the last sweep saw: posture, result, name, time", timedelta(days=400)
    # Longer than a record can wait in its account's own queue until a sweep brings it in.
    SESSION = "who opened a root session", timedelta(days=15)
    EVENT = "claim on a CloudTrail record", None
    # A burst. 0.1 keeps its own of another shape under BURST: neither can read the other's.
    ACTS = (
        "start, end, last, count, accounts, and the first event of each act that alerted",
        timedelta(days=1),
    )
    # EventBridge tries to deliver an event for a day: an early failure may arrive that late.
    SIGNINS = "the account's last root sign-ins, failed or not, with the events' times", timedelta(days=1)
    # AWS does not say how long after an event it may still correct it.
    REPORTED = "how bad a CloudTrail event was reported to be", timedelta(days=90)
    NAME = "an account's name and unit, also that there is no such account", timedelta(hours=1)
    ROOTEVENT = "when an event of the account's root last arrived", timedelta(days=400)
    COVERAGE = "when a record of a session of ours last arrived, a time a Region", timedelta(days=400)
    UNHEARD = "which Regions of which accounts are silent", timedelta(days=30)
    LEFT = "claim on a departure", None
    MESSAGE = "claim on one message; noted with it, the channels that have it already", None
    APPROVAL = "claim on an approved automation: each serves once", None
    # After its end: as long as a person may need to notice one that was not closed.
    WINDOW = (
        "recovery window: state, until, reason, by whom, approved by whom, closed by whom",
        timedelta(days=30),
    )
    WINDOWS = "the accounts that have a window", None
    # Longer than the message that one was closed can wait to be put back.
    WINDOWED = "from when to when windows were open in the last 15 days", timedelta(days=15)
    RECOVERY = "claim on the account's window", None
    BEGUN = "changes of policies that were begun and are not announced yet", None

    def __init__(self, holds: str, kept: timedelta | None) -> None:
        self.holds = holds
        self.kept = kept

    @classmethod
    def of(cls, key: str) -> "KeyKind":
        """Return the kind of an item by its key."""
        return cls[key.partition("#")[0]]

    def expires_at(self, time: datetime) -> datetime:
        """Return when an item of this time may go."""
        if self.kept is None:
            raise TypeError(f"{self.name} does not say how long it is kept")
        return time + self.kept

    def key(self, *parts: str) -> str:
        """Return an item's key."""
        return "#".join((self.name, *parts))


class NotWritten(Exception):
    """When DynamoDB leaves items unwritten however often it is asked."""


class NotRead(Exception):
    """When DynamoDB leaves items unread however often it is asked."""


class ConditionFailed(CallRefused):
    """When an item is not as a change of it requires. item: as it is, empty where there is none."""

    CODE = "ConditionalCheckFailedException"

    def __init__(self, message: str, item: Item) -> None:
        super().__init__(self.CODE, message)
        self.item = item


def epoch(time: datetime) -> int:
    """Return a time as the table keeps it."""
    return int(time.timestamp())


def from_epoch(seconds: int) -> datetime:
    """Return a kept time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def primary_key(pk: str) -> str:
    """Return an item's key: as it is, or its beginning and a digest of it where it is too long."""
    encoded = pk.encode()
    if len(encoded) <= _LONGEST_KEY:
        return pk
    digest = sha256(encoded).hexdigest()
    beginning = encoded[: _LONGEST_KEY - len(digest) - 8].decode(errors="ignore")
    return f"{beginning}#sha256:{digest}"


def _kept(item: Item) -> "dict[str, AttributeValueTypeDef]":
    """Return an item as DynamoDB takes it."""
    return {name: _SERIALIZE(value) for name, value in item.items()}


def _plain(kept: "Mapping[str, AttributeValueTypeDef]") -> Item:
    """Return an item in values of Python's."""
    found = {name: _DESERIALIZE(value) for name, value in kept.items()}
    return {name: int(value) if isinstance(value, Decimal) else value for name, value in found.items()}


@dataclass(frozen=True)
class StateTable:
    """The table with its client."""

    client: "DynamoDBClient"
    name: str
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep

    def get(self, key: str) -> Item:
        """Return an item as it is now; empty where there is none."""
        answer = self.client.get_item(
            TableName=self.name, Key=_kept({"pk": primary_key(key)}), ConsistentRead=True
        )
        return _plain(answer.get("Item", {}))

    def get_all(self, keys: Sequence[str], *, consistent: bool = True) -> dict[str, Item]:
        """Return the items there are, by their keys, as they are now if consistent; raises NotRead."""
        found: dict[str, Item] = {}
        for first in range(0, len(keys), _MOST_KEYS):
            found.update(self._read(keys[first : first + _MOST_KEYS], consistent=consistent))
        return found

    def _read(self, keys: Sequence[str], *, consistent: bool) -> Iterator[tuple[str, Item]]:
        asked = {primary_key(key): key for key in keys}
        left: Sequence[Mapping[str, Any]] = [_kept({"pk": pk}) for pk in asked]
        for attempt in range(_ROUNDS):
            answer = self.client.batch_get_item(
                RequestItems={self.name: {"Keys": left, "ConsistentRead": consistent}}
            )
            for item in map(_plain, answer["Responses"].get(self.name, [])):
                yield asked[item["pk"]], item
            left = answer.get("UnprocessedKeys", {}).get(self.name, {"Keys": []})["Keys"]
            if not left:
                return
            self.sleep(min(0.05 * 2**attempt, 2))
        raise NotRead(f"DynamoDB left {len(left)} of {len(keys)} items unread")

    def put(self, key: str, item: Item, *, condition: str | None = None, values: Item | None = None) -> None:
        """Write an item, whatever was there; raises ConditionFailed where the condition does not hold.

        It is kept from now on as its kind says, unless it has an `expires_at`; so are those of `put_all`.
        """
        self._change(self.client.put_item, condition, values, Item=self._whole(key, item))

    def update(
        self,
        key: str,
        expression: str,
        values: Item | None = None,
        *,
        names: Mapping[str, str] | None = None,
        condition: str | None = None,
        returns: bool = False,
    ) -> Item:
        """Change an item, or begin it; raises ConditionFailed, as `put`.

        returns: whether the item is to be returned as it is then. It may be long.
        """
        answer = self._change(
            self.client.update_item,
            condition,
            values,
            Key=_kept({"pk": primary_key(key)}),
            UpdateExpression=expression,
            ReturnValues="ALL_NEW" if returns else "NONE",
            **({"ExpressionAttributeNames": names} if names else {}),
        )
        return _plain(answer.get("Attributes", {}))

    def delete(self, key: str, *, condition: str | None = None, values: Item | None = None) -> None:
        """Delete an item, if there is one; raises ConditionFailed, as `put`."""
        self._change(self.client.delete_item, condition, values, Key=_kept({"pk": primary_key(key)}))

    def _change(
        self, call: Callable[..., Any], condition: str | None, values: Item | None, **given: object
    ) -> Any:
        if condition:
            given |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        if values:
            given["ExpressionAttributeValues"] = _kept(values)
        try:
            return call(TableName=self.name, **given)
        except ClientError as error:
            if error_code(error) != ConditionFailed.CODE:
                raise
            item: Any = error.response.get("Item", {})
            raise ConditionFailed(str(error), _plain(item)) from error

    def put_all(self, items: Mapping[str, Item]) -> None:
        """Write items by their keys, whatever was there; raises NotWritten."""
        requests: list[WriteRequestUnionTypeDef] = [
            {"PutRequest": {"Item": self._whole(key, item)}} for key, item in items.items()
        ]
        for first in range(0, len(requests), _MOST_ITEMS):
            self._write(requests[first : first + _MOST_ITEMS])

    def _whole(self, key: str, item: Item) -> "dict[str, AttributeValueTypeDef]":
        if "expires_at" not in item:
            item = {**item, "expires_at": epoch(KeyKind.of(key).expires_at(self.clock()))}
        return _kept({**item, "pk": primary_key(key)})

    def _write(self, requests: "list[WriteRequestUnionTypeDef]") -> None:
        left: Sequence[WriteRequestUnionTypeDef] = requests
        for attempt in range(_ROUNDS):
            answer = self.client.batch_write_item(RequestItems={self.name: left})
            left = answer.get("UnprocessedItems", {}).get(self.name, [])
            if not left:
                return
            self.sleep(min(0.05 * 2**attempt, 2))
        raise NotWritten(f"DynamoDB left {len(left)} of {len(requests)} items unwritten")
