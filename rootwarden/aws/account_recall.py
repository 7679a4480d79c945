"""What the state table knows of many accounts at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rootwarden.accounts import AccountId
from rootwarden.aws.activity_records import times_in
from rootwarden.aws.clients import logger, refusals
from rootwarden.aws.hardening_records import posture_in
from rootwarden.aws.state_table import Item, KeyKind, StateTable, from_epoch, number_in, primary_key, text_in
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.hardening.removal import CallRefused
from rootwarden.report.entries import AccountMemory

_KINDS = (KeyKind.POSTURE, KeyKind.ROOTEVENT, KeyKind.COVERAGE)
# What BatchGetItem takes at once, and how often what it left over is asked for again.
_MOST_KEYS = 100
_ROUNDS = 8


@dataclass(frozen=True)
class AccountRecall:
    """The state table, for the report."""

    table: StateTable

    def __call__(self, account_ids: Collection[AccountId]) -> AccountMemory:
        """Return what is known of these accounts; raises CallRefused."""
        keys = [kind.key(account_id) for account_id in account_ids for kind in _KINDS]
        items = dict(self._items(keys))
        return AccountMemory(
            postures=_postures(items, account_ids),
            root_events=_times(items, account_ids),
            heard={
                account_id: times_in(items[key])
                for account_id in account_ids
                if (key := KeyKind.COVERAGE.key(account_id)) in items
            },
        )

    def _items(self, keys: Sequence[str]) -> Iterator[tuple[str, Item]]:
        for first in range(0, len(keys), _MOST_KEYS):
            for item in self._batch(keys[first : first + _MOST_KEYS]):
                yield text_in(item, "pk") or "", item

    def _batch(self, keys: Sequence[str]) -> Iterator[Item]:
        name, left = self.table.name, [{"pk": primary_key(key)} for key in keys]
        for attempt in range(_ROUNDS):
            with refusals():
                answer = self.table.client.batch_get_item(RequestItems={name: {"Keys": left}})
            yield from answer["Responses"].get(name, [])
            left = [*answer.get("UnprocessedKeys", {}).get(name, {"Keys": []})["Keys"]]
            if not left:
                return
            self.table.sleep(min(0.05 * 2**attempt, 2))
        raise CallRefused("UnprocessedKeys", f"DynamoDB left {len(left)} of {len(keys)} items unread")


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
        account_id: from_epoch(number_in(items[key], "seen_at"))
        for account_id in account_ids
        if (key := KeyKind.ROOTEVENT.key(account_id)) in items
    }
