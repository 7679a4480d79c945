"""Claims on work in the state table."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from rootwarden.aws.clients import refusals
from rootwarden.aws.state_table import ConditionFailed, Item, KeyKind, StateTable, epoch, from_epoch
from rootwarden.claims import Claim, ClaimState

_CLAIM_KEPT = timedelta(days=2)
_IS_FREE = (
    "(attribute_not_exists(lease_until) OR lease_until <= :now)"
    " AND (attribute_not_exists(done_until) OR done_until <= :now)"
)


@dataclass(frozen=True)
class ClaimsTable:
    """See rootwarden.claims.Claims. kind: whose keys are claimed."""

    table: StateTable
    kind: KeyKind

    def begin(self, key: str, *, lease: timedelta) -> Claim:
        """Claim the work, unless another holds it or it is done."""
        now, holder = self.table.clock(), uuid4().hex
        values = {
            ":holder": holder,
            ":lease": epoch(now + lease),
            ":kept": epoch(now + _CLAIM_KEPT),
            ":now": epoch(now),
        }
        expression = "SET lease_until = :lease, holder = :holder, expires_at = :kept REMOVE done_until"
        try:
            with refusals():
                item = self.table.update(self._pk(key), expression, values, condition=_IS_FREE, returns=True)
        except ConditionFailed as failed:
            if failed.item.get("holder") == holder:
                # The request was sent twice, because the answer to the first was lost.
                return Claim(ClaimState.OURS, failed.item.get("note"))
            done_until = failed.item.get("done_until", 0)
            if done_until > epoch(now):
                return Claim(ClaimState.DONE, done_until=from_epoch(done_until))
            return Claim(ClaimState.BUSY)
        return Claim(ClaimState.OURS, item.get("note"))

    def is_done(self, key: str) -> bool:
        """Say whether the work is done, without claiming it."""
        return bool(self.table.get(self._pk(key)).get("done_until", 0) > epoch(self.table.clock()))

    def noted(self, key: str) -> str | None:
        """Return what was written down for the next attempt, without claiming the work."""
        with refusals():
            item = self.table.get(self._pk(key))
        is_over = "expires_at" in item and item["expires_at"] <= epoch(self.table.clock())
        note: str | None = item.get("note")
        return None if is_over else note

    def note(self, key: str, note: str) -> None:
        """Write something down for the next attempt at the same work."""
        with refusals():
            self.table.update(self._pk(key), "SET note = :note", {":note": note})

    def keep_note(self, key: str, note: str, *, keep: timedelta) -> None:
        """Write something down for so long, without claiming the work."""
        values = {":note": note, ":kept": epoch(self.table.clock() + keep)}
        with refusals():
            self.table.update(self._pk(key), "SET note = :note, expires_at = :kept", values)

    def release(self, key: str) -> None:
        """Give the work back undone; what was noted stays."""
        with refusals():
            self.table.update(self._pk(key), "REMOVE lease_until")

    def done(self, key: str, *, remember: timedelta) -> dict[str, Item]:
        """Return the item that marks the work done, by its key, for who writes others with it."""
        until = epoch(self.table.clock() + remember)
        return {self._pk(key): {"done_until": until, "expires_at": until}}

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Mark the work done, not to be done again until `remember` is over; at once where that is none."""
        until = epoch(self.table.clock() + remember)
        expression = "SET done_until = :until, expires_at = :until REMOVE lease_until, note"
        if not remember:
            # No time to compare: another function's clock may be behind.
            expression = "SET expires_at = :until REMOVE done_until, lease_until, note"
        with refusals():
            self.table.update(self._pk(key), expression, {":until": until})

    def _pk(self, key: str) -> str:
        return self.kind.key(key)
