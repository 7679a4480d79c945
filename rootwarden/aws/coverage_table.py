"""When each account's alarm path last worked, Region by Region, in the state table."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from rootwarden.accounts import AccountId
from rootwarden.aws.errors import refusals
from rootwarden.aws.state_table import Item, StateTable, epoch, from_epoch, number, number_in, text, text_in

PREFIX = "COVERAGE#"
# An attribute for each Region, so that two Regions' records never overwrite each other.
_REGION = "region:"
_KEPT = timedelta(days=400)
# A sweep's AssumeRoot records all prove the same account and Region: one write in so long is enough.
_APART = timedelta(minutes=1)
_MOST_WRITTEN = 1000


@dataclass(frozen=True)
class CoverageTable:
    """See rootwarden.coverage.probes.PathMemory. Times only grow: repetitions do not count."""

    table: StateTable
    clock: Callable[[], datetime]
    _written: dict[tuple[AccountId, str], datetime] = field(default_factory=dict, init=False, repr=False)

    def worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Keep that a record of this time arrived from an account's Region."""
        before = self._written.get((account_id, region))
        if before and at < before + _APART:
            return
        client = self.table.client
        try:
            client.update_item(
                TableName=self.table.name,
                Key={"pk": text(f"{PREFIX}{account_id}")},
                UpdateExpression="SET #region = :at, expires_at = :kept",
                ConditionExpression="attribute_not_exists(#region) OR #region < :at",
                ExpressionAttributeNames={"#region": f"{_REGION}{region}"},
                ExpressionAttributeValues={
                    ":at": number(epoch(at)),
                    ":kept": number(epoch(self.clock() + _KEPT)),
                },
            )
        except client.exceptions.ConditionalCheckFailedException:
            return
        if len(self._written) >= _MOST_WRITTEN:
            self._written.clear()
        self._written[(account_id, region)] = at


def times_in(item: Item) -> Mapping[str, datetime]:
    """Return when each Region's path last worked, as an item keeps it."""
    return MappingProxyType(
        {
            name.removeprefix(_REGION): from_epoch(number_in(item, name))
            for name in item
            if name.startswith(_REGION)
        }
    )


_INDEX = "UNHEARD"
_UNHEARD_KEPT = timedelta(days=30)
# An item holds 400 KB; where more accounts are silent, their own turn comes within the week.
_MOST_ACCOUNTS = 1000


@dataclass(frozen=True)
class UnheardProbes:
    """One item: what the next sweep probes again, whether it is the accounts' turn or not."""

    table: StateTable
    clock: Callable[[], datetime]

    def read(self) -> dict[AccountId, tuple[str, ...]]:
        """Return the Regions by account; raises CallRefused."""
        with refusals():
            item = self.table.get(_INDEX)
        found = json.loads(text_in(item, "regions") or "{}")
        return {AccountId(account): tuple(regions) for account, regions in found.items()}

    def write(self, regions: Mapping[AccountId, tuple[str, ...]]) -> None:
        """Keep them in place of what was there; raises CallRefused."""
        first = dict(sorted(regions.items())[:_MOST_ACCOUNTS])
        with refusals():
            self.table.put(
                _INDEX, {"regions": text(json.dumps(first))}, expires_at=self.clock() + _UNHEARD_KEPT
            )
