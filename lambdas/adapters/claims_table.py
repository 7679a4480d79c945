"""Claims in the state table, by conditional writes: one holder at a time, whoever crashes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from lambdas.adapters.state_table import (
    Item,
    StateTable,
    epoch,
    number,
    number_in,
    primary_key,
    text,
    text_in,
)
from lambdas.domain.claims import Claim, ClaimState

_KEPT = timedelta(days=2)


@dataclass(frozen=True)
class ClaimsTable:
    """See lambdas.domain.claims.Claims. kind keeps the keys of different work apart."""

    table: StateTable
    kind: str
    clock: Callable[[], datetime]

    def begin(self, key: str, *, lease: timedelta) -> Claim:
        """Claim the work, unless somebody else holds it or it is done."""
        client, now = self.table.client, self.clock()
        try:
            answer = client.update_item(
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
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except client.exceptions.ConditionalCheckFailedException as refused:
            item = cast("Item", refused.response.get("Item", {}))
            done = number_in(item, "done_until") > epoch(now)
            return Claim(ClaimState.DONE if done else ClaimState.BUSY)
        return Claim(ClaimState.OURS, text_in(answer.get("Attributes", {}), "note"))

    def is_done(self, key: str) -> bool:
        """Say whether the work is done, without claiming it."""
        return number_in(self.table.get(self._pk(key)), "done_until") > epoch(self.clock())

    def note(self, key: str, note: str) -> None:
        """Write something down for the next attempt at the same work."""
        self.table.client.update_item(
            TableName=self.table.name,
            Key={"pk": primary_key(self._pk(key))},
            UpdateExpression="SET note = :note",
            ExpressionAttributeValues={":note": text(note)},
        )

    def release(self, key: str) -> None:
        """Give the work back undone; what was noted stays."""
        self.table.client.update_item(
            TableName=self.table.name,
            Key={"pk": primary_key(self._pk(key))},
            UpdateExpression="REMOVE lease_until",
        )

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Mark the work done; until `remember` is over, it is not done again."""
        until = number(epoch(self.clock() + remember))
        self.table.client.update_item(
            TableName=self.table.name,
            Key={"pk": primary_key(self._pk(key))},
            UpdateExpression="SET done_until = :until, expires_at = :until REMOVE lease_until, note",
            ExpressionAttributeValues={":until": until},
        )

    def _pk(self, key: str) -> str:
        return f"{self.kind}#{key}"
