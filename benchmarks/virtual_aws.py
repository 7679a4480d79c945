"""AWS as the hub's functions see it, in virtual time: answers in memory, latencies and documented quotas.

The functions' own boto3 clients call it; what is replaced is the request itself, with the retries of
botocore's standard mode around it.
"""

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from benchmarks.virtual_hub import VirtualHub
from benchmarks.virtual_table import ConditionFailed, VirtualTable
from benchmarks.virtual_time import VirtualTime

# Seconds until an answer in the same Region is there, and of the function's own CPU for a call.
LATENCY = {
    "dynamodb": 0.005,
    "events": 0.02,
    "iam": 0.08,
    "organizations": 0.1,
    "sns": 0.03,
    "sqs": 0.008,
    "sts": 0.06,
}
CPU = 0.005
_FROM_BUS_TO_QUEUE = 0.3
_LONGEST_BACKOFF = 20.0
_ITEM_WRITES, _ITEM_READS, _TABLE_WRITES, _TABLE_READS = 1_000, 3_000, 4_000, 12_000


@dataclass
class Quota:
    """So many a second, and a burst of so many."""

    rate: float
    burst: float
    _left: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        """Begin full."""
        self._left = self.burst

    def takes(self, now: float) -> bool:
        """Say whether one more is taken now."""
        self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Throttled(Exception):
    """When a quota is used up. code: AWS's word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class VirtualAws:
    """The endpoint. calls and throttled: by operation; sent: each message to people with its time."""

    time: VirtualTime
    hub: VirtualHub
    exposed: set[str]
    put_events_a_second: float
    on_session: Callable[[str, str], None] = lambda _account, _key: None
    calls: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    table: VirtualTable = field(default_factory=VirtualTable)
    outcomes: list[tuple[float, str, Mapping[str, Any]]] = field(default_factory=list)
    sent: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set the quotas up."""
        self._quotas = {
            "DescribeAccount": (Quota(20, 30), "TooManyRequestsException"),
            "PutEvents": (Quota(self.put_events_a_second, self.put_events_a_second), "ThrottlingException"),
            "AssumeRoot": (Quota(600, 600), "Throttling"),
        }
        self._writes, self._reads = (
            Quota(_TABLE_WRITES, 2 * _TABLE_WRITES),
            Quota(_TABLE_READS, 2 * _TABLE_READS),
        )
        self._items: dict[tuple[str, bool], Quota] = {}
        self._numbers, self._random = itertools.count(), random.Random(1)  # noqa: S311 - for back-off alone
        self._keys: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Answer every boto3 client of this process."""
        answer = self._answer

        def call(client: Any, operation: str, given: dict[str, Any]) -> Any:
            return answer(client, operation, given)

        self._stack.enter_context(patch.object(BaseClient, "_make_api_call", call))
        return self

    def __exit__(self, *_: object) -> None:
        """Let clients call AWS again."""
        self._stack.close()

    def _answer(self, client: Any, operation: str, given: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        event = f"before-send.{client.meta.service_model.service_id.hyphenize()}.{operation}"
        attempts = client.meta.config.retries["total_max_attempts"]
        for attempt in range(attempts):
            # Whoever minds a deadline refuses here.
            client.meta.events.emit(event, request=None)
            self.time.wait(LATENCY[service] + CPU)
            self.calls[operation] += 1
            try:
                self._admit(operation, given)
                return getattr(self, f"_{service}")(client, operation, given)
            except Throttled as throttled:
                self.throttled[operation] += 1
                if attempt + 1 == attempts:
                    raise self._error(client, operation, throttled.code) from throttled
                self.time.wait(min(self._random.random() * 2**attempt, _LONGEST_BACKOFF))
            except ConditionFailed as failed:
                code = "ConditionalCheckFailedException"
                raise self._error(client, operation, code, Item=failed.item) from failed
        raise AssertionError("a client tries at least once")

    def _admit(self, operation: str, given: Mapping[str, Any]) -> None:
        now = self.time.now
        if operation in self._quotas:
            quota, code = self._quotas[operation]
            if not quota.takes(now):
                raise Throttled(code)
        for key, is_write in _keys(operation, given):
            rate = _ITEM_WRITES if is_write else _ITEM_READS
            item = self._items.setdefault((key, is_write), Quota(rate, rate))
            if not ((self._writes if is_write else self._reads).takes(now) and item.takes(now)):
                raise Throttled("ThrottlingException")

    @staticmethod
    def _error(client: Any, operation: str, code: str, **members: object) -> ClientError:
        kind = client.exceptions.from_code(code) if code == "ConditionalCheckFailedException" else ClientError
        response: Any = {"Error": {"Code": code, "Message": code}, **members}
        error: ClientError = kind(response, operation)
        return error

    def _dynamodb(self, _: Any, operation: str, given: dict[str, Any]) -> Any:
        items = self.table.items
        match operation:
            case "GetItem":
                found = items.get(given["Key"]["pk"]["S"])
                return {"Item": found} if found else {}
            case "BatchGetItem":
                [(name, asked)] = given["RequestItems"].items()
                keys = [key["pk"]["S"] for key in asked["Keys"]]
                return {
                    "Responses": {name: [items[key] for key in keys if key in items]},
                    "UnprocessedKeys": {},
                }
            case "BatchWriteItem":
                [requests] = given["RequestItems"].values()
                for request in requests:
                    self.table.write("PutItem", request["PutRequest"])
                return {"UnprocessedItems": {}}
        return {"Attributes": self.table.write(operation, given)}

    def _events(self, _: Any, __: str, given: dict[str, Any]) -> Any:
        [entry] = given["Entries"]
        detail, event_id = json.loads(entry["Detail"]), f"outcome-{next(self._numbers)}"
        self.outcomes.append((self.time.now, entry["DetailType"], detail))
        event = {
            "version": "0",
            "id": event_id,
            "source": entry["Source"],
            "detail-type": entry["DetailType"],
            "account": "222233334444",
            "region": "us-east-1",
            "time": _iso(datetime.now(UTC)),
            "resources": [],
            "detail": detail,
        }
        self.time.call_at(self.time.now + _FROM_BUS_TO_QUEUE, lambda: self.hub.deliver(event))
        return {"FailedEntryCount": 0, "Entries": [{"EventId": event_id}]}

    def _sts(self, _: Any, __: str, given: dict[str, Any]) -> Any:
        key = f"ASIA{next(self._numbers):016}"
        self._keys[key] = given["TargetPrincipal"]
        self.on_session(given["TargetPrincipal"], key)
        expires = datetime.now(UTC) + timedelta(seconds=given["DurationSeconds"])
        names = ("SecretAccessKey", "SessionToken")
        return {"Credentials": {"AccessKeyId": key, "Expiration": expires, **dict.fromkeys(names, "x")}}

    def _iam(self, client: Any, operation: str, _: dict[str, Any]) -> Any:
        account = self._keys[client._request_signer._credentials.access_key]  # noqa: SLF001 - who signs
        if operation == "DeleteLoginProfile":
            self.exposed.discard(account)
            return {}
        if operation == "GetUser":
            # A root user whose password was never used.
            return {"User": {"Arn": f"arn:aws:iam::{account}:root", "UserId": account}}
        names = ("AccountAccessKeysPresent", "AccountSigningCertificatesPresent", "AccountMFAEnabled")
        summary = {**dict.fromkeys(names, 0), "AccountPasswordPresent": int(account in self.exposed)}
        return {"SummaryMap": summary}

    def _organizations(self, _: Any, operation: str, given: dict[str, Any]) -> Any:
        if operation == "ListTagsForResource":
            return {"Tags": [{"Key": "owner", "Value": "payments-team"}]}
        if operation == "DescribeOrganizationalUnit":
            return {"OrganizationalUnit": {"Id": given["OrganizationalUnitId"], "Name": "Workloads"}}
        account = given["AccountId"]
        joined = datetime.now(UTC) - timedelta(minutes=1)
        path = f"o-aa111bb222/r-ab12/ou-ab12-11111112/{account}/"
        about = {"Id": account, "Name": f"account-{account}", "State": "ACTIVE", "Paths": [path]}
        return {"Account": {**about, "JoinedTimestamp": joined, "JoinedMethod": "CREATED"}}

    def _sqs(self, _: Any, operation: str, given: dict[str, Any]) -> Any:
        if operation == "ChangeMessageVisibility":
            self.hub.put_off(given["ReceiptHandle"], given["VisibilityTimeout"])
        elif operation == "ChangeMessageVisibilityBatch":
            # It says when a batch comes back whose function dies; none dies here.
            return {"Successful": [], "Failed": []}
        else:
            queue = self.hub.queue_at(given["QueueUrl"])
            self.hub.send(queue, given["MessageBody"], delay=given.get("DelaySeconds", 0))
        return {}

    def _sns(self, _: Any, __: str, given: dict[str, Any]) -> Any:
        self.sent.append((self.time.now, given["Message"]))
        return {"MessageId": "1"}


def _keys(operation: str, given: Mapping[str, Any]) -> list[tuple[str, bool]]:
    match operation:
        case "GetItem":
            return [(given["Key"]["pk"]["S"], False)]
        case "PutItem":
            return [(given["Item"]["pk"]["S"], True)]
        case "UpdateItem" | "DeleteItem":
            return [(given["Key"]["pk"]["S"], True)]
        case "BatchGetItem":
            [asked] = given["RequestItems"].values()
            return [(key["pk"]["S"], False) for key in asked["Keys"]]
        case "BatchWriteItem":
            [requests] = given["RequestItems"].values()
            return [(each["PutRequest"]["Item"]["pk"]["S"], True) for each in requests]
    return []


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
