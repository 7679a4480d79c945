"""What the state table keeps of hardening: postures, and what an attempt is about to remove."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rootwarden.accounts import AccountId
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.state_table import (
    ClaimsTable,
    Item,
    StateTable,
    epoch,
    from_epoch,
    number,
    number_in,
    text,
    text_in,
)
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.hardening.removal import Progress
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.root_credentials import CredentialKind, Posture


@dataclass(frozen=True)
class HardeningRecords:
    """See rootwarden.hardening.account_hardening.HardeningMemory; progress stays with the claim."""

    claims: ClaimsTable
    windows: RecoveryWindows

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""
        return self.windows.open_window(account_id)

    def remember(self, work: str, progress: Progress) -> None:
        """Put on record what is about to be removed, before it is."""
        self.claims.note(work, progress.to_json())


# Longer than the yearly audit that may ask for it.
_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class PosturesTable:
    """See rootwarden.hardening.outcome.PostureMemory."""

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
        posture=Posture.of(frozenset(CredentialKind(kind) for kind in present if kind)),
        result=text_in(item, "result") or "unknown",
        seen_at=from_epoch(number_in(item, "seen_at")),
    )
