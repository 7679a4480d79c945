"""Queues of a member account, in root sessions that may read and replace their policies.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from rootwarden.aws.clients import RootSessionKeys, error_code, refusals
from rootwarden.aws.root_sessions import SessionRecords, open_root_session
from rootwarden.contract.functions import UNLOCK_QUEUE
from rootwarden.events import AccountId, MalformedEvent
from rootwarden.refusals import CallRefused
from rootwarden.requests import RequestRefused
from rootwarden.unlocking.outcome import Found
from rootwarden.unlocking.requests import Resource, ResourceKind, UnlockRefusal

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

_ABSENT = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_THREADS = 16
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(?:\.fifo)?")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]+")
_ARN_PARTS = 6


@dataclass(frozen=True)
class QueuePolicy:
    """See rootwarden.unlocking.outcome.PolicyHolder."""

    client: "SQSClient"
    url: str
    resource: Resource

    def read(self) -> str | None:
        """Return the queue's policy, None where there is none; raises CallRefused."""
        with refusals():
            answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["Policy"])
        return answer.get("Attributes", {}).get("Policy") or None

    def write(self, policy: str | None) -> None:
        """Put a policy in place of the queue's; an empty one is none. Raises CallRefused."""
        with refusals():
            self.client.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy or ""})


@dataclass(frozen=True)
class _Region:
    """What looking in one Region gave. url: None where no such queue is there, or nobody could look."""

    name: str
    client: "SQSClient"
    url: str | None
    refused: CallRefused | None


@dataclass(frozen=True)
class RootQueues:
    """See rootwarden.unlocking.outcome.PolicyHolders. regions: where a partition's queues may be."""

    sts: "STSClient"
    sqs_client: "Callable[[RootSessionKeys, str], SQSClient]"
    register: SessionRecords
    regions: Callable[[str], Sequence[str]]

    def find(self, account_id: AccountId, wanted: str, region: str | None) -> Found:
        """Find a queue by its name, URL or ARN; raises MalformedEvent, RequestRefused and CallRefused."""
        address = QueueAddress.read(wanted)
        where = address.region_in(account_id, region)
        looked_at = self._look(account_id, address.name, [where] if where else None)
        found = [(region.name, region.client, region.url) for region in looked_at if region.url]
        refused = {region.name: region.refused for region in looked_at if region.refused}
        if not found:
            raise _not_found(account_id, address.name, refused)
        if len(found) > 1:
            places = ", ".join(name for name, _, _ in found)
            text = f"account {account_id} has queues {address.name} in {places}: say which by region"
            raise RequestRefused(UnlockRefusal.SEVERAL, text)
        [(name, client, url)] = found
        resource = Resource(
            kind=ResourceKind.QUEUE,
            name=address.name,
            arn=f"arn:{self.sts.meta.partition}:sqs:{name}:{account_id}:{address.name}",
            region=name,
        )
        return Found(QueuePolicy(client, url, resource), {name: why.code for name, why in refused.items()})

    def _look(self, account_id: AccountId, queue: str, where: Sequence[str] | None) -> list[_Region]:
        keys = open_root_session(self.sts, self.register, account_id, UNLOCK_QUEUE)
        # Making clients is not thread-safe; using them is.
        clients = [self.sqs_client(keys, region) for region in where or self.regions(self.sts.meta.partition)]
        with ThreadPoolExecutor(_THREADS) as threads:
            return list(threads.map(lambda client: _look_up(client, queue), clients))


def _look_up(client: "SQSClient", queue: str) -> _Region:
    name = client.meta.region_name
    try:
        with refusals():
            try:
                return _Region(name, client, client.get_queue_url(QueueName=queue)["QueueUrl"], None)
            except ClientError as error:
                if error_code(error) not in _ABSENT:
                    raise
                return _Region(name, client, None, None)
    except CallRefused as refused:
        return _Region(name, client, None, refused)


def _not_found(account_id: AccountId, queue: str, refused: Mapping[str, CallRefused]) -> Exception:
    text = f"account {account_id} has no queue {queue}"
    if not refused:
        return RequestRefused(UnlockRefusal.NOT_IN_ACCOUNT, text)
    # Where nobody could look, it may still be.
    region, first = next(iter(refused.items()))
    where = f"{', '.join(refused)}: in {region}, AWS says {first}"
    return CallRefused(first.code, f"{text} where one could look, which was not possible in {where}")


@dataclass(frozen=True)
class QueueAddress:
    """What is said of a queue. account, region: None where they are not."""

    name: str
    account: str | None = None
    region: str | None = None

    @classmethod
    def read(cls, wanted: str) -> Self:
        """Read a name, URL or ARN; raises MalformedEvent."""
        address = cls._split(wanted)
        if not _NAME.fullmatch(address.name):
            raise MalformedEvent("queue", "a queue's name, URL or ARN", wanted)
        return address

    @classmethod
    def _split(cls, wanted: str) -> Self:
        parts = wanted.split(":")
        if parts[0] == "arn" and len(parts) == _ARN_PARTS:
            return cls(parts[5], parts[4], parts[3])
        if "://" not in wanted:
            return cls(wanted)
        host, _, path = wanted.partition("://")[2].partition("/")
        account, _, name = path.partition("/")
        region = _REGION.search(host)
        return cls(name, account, region[0] if region else None)

    def region_in(self, account_id: AccountId, region: str | None) -> str | None:
        """Return the one Region to look in, None for all of them; raises RequestRefused if it contradicts."""
        if self.account not in (None, account_id):
            text = f"the queue {self.name} belongs to account {self.account}, not to {account_id}"
            raise RequestRefused(UnlockRefusal.NOT_IN_ACCOUNT, text)
        if region and self.region not in (None, region):
            text = f"the queue {self.name} is in {self.region}, not in {region}"
            raise RequestRefused(UnlockRefusal.NOT_IN_ACCOUNT, text)
        return region or self.region
