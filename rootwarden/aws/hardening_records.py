"""What the state table keeps of each account's hardening: its posture, and removals until people know."""

from collections.abc import Iterable
from dataclasses import dataclass

from rootwarden.aws.clients import refusals
from rootwarden.aws.recovery_windows import RecoveryWindows, WindowHistoriesTable
from rootwarden.aws.state_table import Item, KeyKind, StateTable, epoch, from_epoch
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord, Progress, Trigger
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.root_credentials import CredentialKind, Posture

_INDEX = KeyKind.REMOVALS.key()


@dataclass(frozen=True)
class HardeningRecords:
    """See rootwarden.hardening.account_hardening.HardeningMemory.

    in_sweep: a reported removal is kept until the sweep has written its rows: another worker may need it.
    """

    table: StateTable
    in_sweep: bool = False

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""
        return RecoveryWindows(self.table).open_window(account_id)

    def had_window(self, account_id: AccountId) -> bool:
        """Say whether the account had a recovery window that is still on record."""
        return bool(WindowHistoriesTable(self.table).of(account_id).spans)

    def window_is_hardened(self, account_id: AccountId) -> None:
        """Have the account's next window wait no longer for a hardening; again does no harm."""
        WindowHistoriesTable(self.table).hardened(account_id)

    def unreported(self, account_id: AccountId, trigger: Trigger | None = None) -> Progress:
        """Return what attempts did that no final outcome has named yet, or only this trigger's has."""
        item = self.table.get(KeyKind.REMOVAL.key(account_id))
        named_by = item.get("named_by")
        is_named = named_by is not None and (trigger is None or named_by != trigger.event_id)
        return Progress() if is_named else Progress.from_json(item.get("progress"))

    def named_by(self, event_id: str, account_id: AccountId) -> Progress:
        """Return what the final outcome of this trigger, a sweep's, has named."""
        item = self.table.get(KeyKind.REMOVAL.key(account_id))
        ours = item.get("named_by") == event_id
        return Progress.from_json(item.get("progress")) if ours else Progress()

    def remember(self, account_id: AccountId, progress: Progress) -> None:
        """Put on record what is about to be removed, and what was."""
        # First into the index, which may name an account without a record, but must name every one with
        # something that no outcome has named.
        self._index("ADD", account_id)
        self._put(account_id, progress=progress.to_json())

    def reported(
        self, account_id: AccountId, trigger: Trigger, progress: Progress, *, may_repeat: bool
    ) -> None:
        """Take it off the record, or leave it to the one trigger that named it.

        Whoever repeats its work after a crash says the same again; a sweep has yet to write its rows.
        """
        if not (self.in_sweep or may_repeat):
            self.forget(account_id)
            return
        if self.in_sweep:
            self._index("ADD", account_id)
        self._put(account_id, progress=progress.to_json(), named_by=trigger.event_id)
        if not self.in_sweep:
            self._index("DELETE", account_id)

    def forget(self, account_id: AccountId) -> None:
        """Take it off the record; again does no harm."""
        now = epoch(self.table.clock())
        expression = "SET expires_at = :now REMOVE progress, named_by"
        self.table.update(KeyKind.REMOVAL.key(account_id), expression, {":now": now})
        self._index("DELETE", account_id)

    def accounts(self) -> frozenset[AccountId]:
        """Return the accounts in the index: all with a record, and perhaps others."""
        named = self.table.get(_INDEX).get("accounts", ())
        return frozenset(AccountId(account) for account in named)

    def _put(self, account_id: AccountId, **values: str) -> None:
        self.table.put(KeyKind.REMOVAL.key(account_id), values)

    def _index(self, change: str, account_id: AccountId) -> None:
        self.table.update(_INDEX, f"{change} accounts :accounts", {":accounts": {account_id}})


@dataclass(frozen=True)
class PosturesTable:
    """See rootwarden.hardening.outcome.PostureMemory."""

    table: StateTable

    def save(self, record: PostureRecord) -> None:
        """Keep an account's posture in place of the one before."""
        self.table.put(KeyKind.POSTURE.key(record.account_id), _item_of(record))

    def save_seen(self, records: Iterable[PostureRecord]) -> None:
        """Keep what a sweep saw of accounts; raises CallRefused and NotWritten."""
        items = {KeyKind.SEEN.key(record.account_id): _item_of(record) for record in records}
        with refusals():
            self.table.put_all(items)

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, a sweep's or a hardening's, None where none is."""
        items = (self.table.get(kind.key(account_id)) for kind in (KeyKind.POSTURE, KeyKind.SEEN))
        found = [posture_in(item, account_id) for item in items if item]
        return max(found, key=lambda record: record.seen_at, default=None)


def _item_of(record: PostureRecord) -> Item:
    return {
        "present": ",".join(sorted(record.posture.present)),
        "result": record.result,
        "seen_at": epoch(record.seen_at),
        **({"name": record.name} if record.name else {}),
    }


def posture_in(item: Item, account_id: AccountId) -> PostureRecord:
    """Return what an item keeps."""
    present = (item.get("present") or "").split(",")
    return PostureRecord(
        account_id=account_id,
        name=item.get("name"),
        posture=Posture.of(frozenset(CredentialKind(kind) for kind in present if kind)),
        result=item.get("result") or "unknown",
        seen_at=from_epoch(item.get("seen_at", 0)),
    )
