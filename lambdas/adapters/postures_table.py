"""Last known postures in the state table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
from lambdas.domain.accounts import AccountId
from lambdas.domain.posture_record import PostureRecord
from lambdas.domain.root_credentials import CredentialKind, Posture

# Longer than the yearly audit that may ask for it.
_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class PosturesTable:
    """See lambdas.domain.posture_record.PostureMemory."""

    table: StateTable
    clock: Callable[[], datetime]

    def save(self, record: PostureRecord) -> None:
        """Keep an account's posture in place of the one before."""
        item = {
            "present": text(",".join(sorted(record.posture.present))),
            "result": text(record.result),
            "seen_at": number(epoch(record.seen_at)),
            **({"name": text(record.name)} if record.name else {}),
        }
        self.table.put(f"POSTURE#{record.account_id}", item, expires_at=self.clock() + _KEPT)

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, None where none is."""
        item = self.table.get(f"POSTURE#{account_id}")
        return posture_in(item, account_id) if item else None


def posture_in(item: Item, account_id: AccountId) -> PostureRecord:
    """Return what an item keeps."""
    present = (text_in(item, "present") or "").split(",")
    return PostureRecord(
        account_id=account_id,
        name=text_in(item, "name"),
        posture=Posture(frozenset(CredentialKind(kind) for kind in present if kind)),
        result=text_in(item, "result") or "unknown",
        seen_at=from_epoch(number_in(item, "seen_at")),
    )
