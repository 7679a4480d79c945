"""What the state table knows of many accounts at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from rootwarden.aws.activity_records import times_in
from rootwarden.aws.clients import logger, refusals
from rootwarden.aws.hardening_records import posture_in
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.state_table import Item, KeyKind, NotRead, StateTable, from_epoch
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused
from rootwarden.report.entries import AccountMemory

_KINDS = (KeyKind.POSTURE, KeyKind.ROOTEVENT, KeyKind.COVERAGE)


@dataclass(frozen=True)
class AccountRecall:
    """The state table, for the report."""

    table: StateTable

    def __call__(self, account_ids: Collection[AccountId]) -> AccountMemory:
        """Return what is known of these accounts; raises CallRefused."""
        items = self._items(account_ids, *_KINDS)
        return AccountMemory(
            postures=_postures(items, account_ids),
            root_events=_times(items, account_ids),
            heard={
                account_id: times_in(items[key])
                for account_id in account_ids
                if (key := KeyKind.COVERAGE.key(account_id)) in items
            },
        )

    def windows(self, account_ids: Collection[AccountId]) -> dict[AccountId, RecoveryWindow]:
        """Return the recovery windows that are open in these accounts; raises CallRefused."""
        items, windows = self._items(account_ids, KeyKind.WINDOW), RecoveryWindows(self.table)
        found = {}
        for account_id in account_ids:
            try:
                window = windows.open_in(items.get(KeyKind.WINDOW.key(account_id)), account_id)
            except ValueError as error:
                logger.warning("a recovery window cannot be read", account=account_id, why=str(error))
                continue
            if window:
                found[account_id] = window
        return found

    def _items(self, account_ids: Collection[AccountId], *kinds: KeyKind) -> Mapping[str, Item]:
        keys = [kind.key(account_id) for account_id in account_ids for kind in kinds]
        try:
            with refusals():
                return self.table.get_all(keys, consistent=False)
        except NotRead as unread:
            raise CallRefused("UnprocessedKeys", str(unread)) from unread


def _postures(
    items: Mapping[str, Item], account_ids: Collection[AccountId]
) -> dict[AccountId, PostureRecord]:
    postures = {}
    for account_id in account_ids:
        item = items.get(KeyKind.POSTURE.key(account_id))
        if not item:
            continue
        try:
            postures[account_id] = posture_in(item, account_id)
        except ValueError as error:
            logger.warning("a posture cannot be read", account=account_id, why=str(error))
    return postures


def _times(items: Mapping[str, Item], account_ids: Collection[AccountId]) -> dict[AccountId, datetime]:
    return {
        account_id: from_epoch(items[key].get("seen_at", 0))
        for account_id in account_ids
        if (key := KeyKind.ROOTEVENT.key(account_id)) in items
    }
