"""What the state table keeps of each account: its posture, and what its alarm path proved."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from rootwarden.accounts import AccountId
from rootwarden.aws.clients import refusals
from rootwarden.aws.hardening_records import HardeningRecords
from rootwarden.aws.state_table import (
    Item,
    KeyKind,
    StateTable,
    epoch,
    from_epoch,
    number,
    number_in,
    primary_key,
    text,
    text_in,
)
from rootwarden.hardening.announcement import ALONE, SAID, WITH_GOV_CLOUD
from rootwarden.hardening.outcome import PostureRecord, Progress
from rootwarden.root_credentials import CredentialKind, Posture

# An attribute for each Region, so that two Regions' records never overwrite each other.
_REGION = "region:"
# A sweep's AssumeRoot records all prove the same account and Region: one write in so long is enough.
_APART = timedelta(minutes=1)
_MOST_WRITTEN = 1000
_OF_AN_ACCOUNT = (
    KeyKind.ACCOUNT,
    KeyKind.WINDOWED,
    KeyKind.POSTURE,
    KeyKind.SEEN,
    KeyKind.ROOTEVENT,
    KeyKind.COVERAGE,
)


@dataclass(frozen=True)
class PosturesTable:
    """See rootwarden.hardening.outcome.PostureMemory."""

    table: StateTable
    clock: Callable[[], datetime]

    def save(self, record: PostureRecord) -> None:
        """Keep an account's posture in place of the one before."""
        key, expires_at = KeyKind.POSTURE.key(record.account_id), KeyKind.POSTURE.expires_at(self.clock())
        self.table.put(key, _item_of(record), expires_at=expires_at)

    def save_seen(self, records: Iterable[PostureRecord]) -> None:
        """Keep what a sweep saw of accounts; raises CallRefused and NotWritten."""
        items = {KeyKind.SEEN.key(record.account_id): _item_of(record) for record in records}
        with refusals():
            self.table.put_all(items, expires_at=KeyKind.SEEN.expires_at(self.clock()))

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, a sweep's or a hardening's, None where none is."""
        items = (self.table.get(kind.key(account_id)) for kind in (KeyKind.POSTURE, KeyKind.SEEN))
        found = [posture_in(item, account_id) for item in items if item]
        return max(found, key=lambda record: record.seen_at, default=None)


def _item_of(record: PostureRecord) -> Item:
    return {
        "present": text(",".join(sorted(record.posture.present))),
        "result": text(record.result),
        "seen_at": number(epoch(record.seen_at)),
        **({"name": text(record.name)} if record.name else {}),
    }


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


@dataclass(frozen=True)
class CoverageTable:
    """When each account's alarm path last worked, by Region. Times only grow: repetitions do not count."""

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
                Key={"pk": primary_key(KeyKind.COVERAGE.key(account_id))},
                UpdateExpression="SET #region = :at, expires_at = :kept",
                ConditionExpression="attribute_not_exists(#region) OR #region < :at",
                ExpressionAttributeNames={"#region": f"{_REGION}{region}"},
                ExpressionAttributeValues={
                    ":at": number(epoch(at)),
                    ":kept": number(epoch(KeyKind.COVERAGE.expires_at(self.clock()))),
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


@dataclass(frozen=True)
class AccountRecordsTable:
    """See rootwarden.leaving.AccountRecords."""

    table: StateTable
    postures: PosturesTable
    hardening: HardeningRecords

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, None where none is."""
        return self.postures.last(account_id)

    def unreported(self, account_id: AccountId) -> Progress:
        """Return what hardenings removed, or tried to, and no final outcome has named yet."""
        return self.hardening.unreported(account_id)

    def forget(self, account_id: AccountId, left_at: datetime) -> None:
        """Delete what is kept of the account, but no recovery window that is newer than its leaving."""
        self._forget_window(account_id, left_at)
        self.hardening.forget(account_id)
        keys = [kind.key(account_id) for kind in _OF_AN_ACCOUNT]
        besides = (WITH_GOV_CLOUD, ALONE, SAID)
        keys += [KeyKind.ACCOUNT.key(account_id, each) for each in besides]
        for key in keys:
            self.table.client.delete_item(TableName=self.table.name, Key={"pk": primary_key(key)})

    def _forget_window(self, account_id: AccountId, left_at: datetime) -> None:
        client = self.table.client
        with suppress(client.exceptions.ConditionalCheckFailedException):
            client.delete_item(
                TableName=self.table.name,
                Key={"pk": primary_key(KeyKind.WINDOW.key(account_id))},
                ConditionExpression="attribute_not_exists(opened_at) OR opened_at <= :left",
                ExpressionAttributeValues={":left": number(epoch(left_at))},
            )
