"""When each account's alarm path last worked, Region by Region, in the state table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from lambdas.adapters.state_table import Item, StateTable, epoch, from_epoch, number, number_in, text
from lambdas.domain.accounts import AccountId

PREFIX = "COVERAGE#"
# An attribute for each Region, so that two Regions' records never overwrite each other.
_REGION = "region:"
_KEPT = timedelta(days=400)
# A sweep's AssumeRoot records all prove the same account and Region: one write in so long is enough.
_APART = timedelta(minutes=1)
_MOST_WRITTEN = 1000


@dataclass(frozen=True)
class CoverageTable:
    """See lambdas.domain.coverage.signals.PathMemory. Times only grow: repetitions do not count."""

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
