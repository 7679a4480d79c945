"""The ways people name a queue: its name, its URL, or its ARN."""

import re
from dataclasses import dataclass
from typing import Self

from lambdas.domain.accounts import AccountId
from lambdas.domain.event_fields import MalformedEvent
from lambdas.domain.requests import RequestRefused
from lambdas.domain.unlocking.requests import UnlockRefusal

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(?:\.fifo)?")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]+")
_ARN_PARTS = 6


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
