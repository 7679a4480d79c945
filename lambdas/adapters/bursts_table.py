"""Bursts in the state table; a version makes sure that nobody overwrites somebody else's count."""

from dataclasses import dataclass
from datetime import timedelta

from lambdas.adapters.state_table import (
    Item,
    StateTable,
    epoch,
    from_epoch,
    number,
    number_in,
    text,
    text_in,
)
from lambdas.domain.activity.bursts import BURST_LENGTH, Burst
from lambdas.domain.activity.severity import Severity

_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class BurstsTable:
    """See lambdas.domain.activity.burst_grouping.BurstMemory."""

    table: StateTable

    def load(self, key: str) -> tuple[Burst | None, int]:
        """Return the burst and its version; (None, 0) where there is none."""
        item = self.table.get(f"BURST#{key}")
        return (_burst(item), number_in(item, "version")) if item else (None, 0)

    def save(self, key: str, burst: Burst, version: int) -> bool:
        """Replace that version by the burst; False when somebody else was faster."""
        client = self.table.client
        try:
            client.put_item(
                TableName=self.table.name,
                Item=_item(f"BURST#{key}", burst, version + 1),
                ConditionExpression="attribute_not_exists(pk) OR version = :version",
                ExpressionAttributeValues={":version": number(version)},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _item(pk: str, burst: Burst, version: int) -> Item:
    return {
        "pk": text(pk),
        "version": number(version),
        "opened_at": number(epoch(burst.opened_at)),
        "last_at": number(epoch(burst.last_at)),
        "count": number(burst.count),
        "highest": text(burst.highest),
        "alerted": text("\n".join(burst.alerted)),
        "summarised": number(int(burst.summarised)),
        "length": number(int(burst.length.total_seconds())),
        "expires_at": number(epoch(burst.ends_at + _KEPT)),
    }


def _burst(item: Item) -> Burst:
    return Burst(
        opened_at=from_epoch(number_in(item, "opened_at")),
        last_at=from_epoch(number_in(item, "last_at")),
        count=number_in(item, "count"),
        highest=Severity(text_in(item, "highest") or ""),
        alerted=tuple((text_in(item, "alerted") or "").split("\n")),
        summarised=bool(number_in(item, "summarised")),
        length=timedelta(seconds=number_in(item, "length")) or BURST_LENGTH,
    )
