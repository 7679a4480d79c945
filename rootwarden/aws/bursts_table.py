"""Bursts in the state table, and reminders of their ends in a queue.

Events are added up by the table itself, so that a flood does not conflict.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

from rootwarden.activity.acts import BurstReference
from rootwarden.activity.bursts import MOST_ACTS, AlertedEvent, Burst
from rootwarden.activity.outcomes import Actor
from rootwarden.aws.state_table import ConditionFailed, Item, KeyKind, StateTable, epoch, from_epoch
from rootwarden.contract.activities import Severity
from rootwarden.contract.detail_types import ROOT_ACTIVITY_BURST_ENDED, SOURCE
from rootwarden.events import AccountId, Fields
from rootwarden.outcomes import AccountReference, iso

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# For how many seconds SQS holds a message back at most.
_LONGEST_WAIT = 900


@dataclass(frozen=True)
class BurstsTable:
    """See rootwarden.activity.bursts.BurstMemory."""

    table: StateTable

    def load(self, key: str) -> Burst | None:
        """Return the burst; None where there is none."""
        item = self.table.get(KeyKind.ACTS.key(key))
        return burst_in(item) if item else None

    def open(self, key: str, burst: Burst, *, instead_of: Burst | None) -> bool:
        """Keep a new burst; False when another one was opened meanwhile."""
        # Where there was none, no burst began at that time either.
        before = epoch(instead_of.opened_at) if instead_of else "none"
        try:
            self.table.put(
                KeyKind.ACTS.key(key),
                _item(burst),
                condition="attribute_not_exists(pk) OR opened_at = :before",
                values={":before": before},
            )
        except ConditionFailed:
            return False
        return True

    def count(self, key: str, burst: Burst) -> bool:
        """Count one more event in a burst; False when another one took its place."""
        return self._update(key, burst, "SET last_at = :now", "opened_at = :opened")

    def remember(self, key: str, burst: Burst, act: str) -> bool:
        """Count one more event and keep its act; False when the act is there, or the burst is another one."""
        return self._update(
            key,
            burst,
            "SET last_at = :now, acts.#act = :act",
            "opened_at = :opened AND attribute_not_exists(acts.#act) AND size(acts) < :most",
            names={"#act": act},
            values={":act": _kept(burst.acts[act]), ":most": MOST_ACTS},
        )

    def summarised(self, key: str, burst: Burst) -> None:
        """Put down that a burst's summary was sent."""
        values = {":one": 1, ":opened": epoch(burst.opened_at)}
        # Where another burst took its place, there is nothing left to put down.
        with suppress(ConditionFailed):
            self.table.update(
                KeyKind.ACTS.key(key), "SET summarised = :one", values, condition="opened_at = :opened"
            )

    def _update(
        self,
        key: str,
        burst: Burst,
        update: str,
        condition: str,
        *,
        names: Mapping[str, str] | None = None,
        values: Item | None = None,
    ) -> bool:
        # A set takes what it has not: events at once in two accounts leave both.
        adds = "ADD #count :one, accounts :accounts" if burst.accounts else "ADD #count :one"
        try:
            self.table.update(
                KeyKind.ACTS.key(key),
                f"{update} {adds}",
                {
                    ":now": epoch(burst.last_at),
                    ":one": 1,
                    ":opened": epoch(burst.opened_at),
                    **({":accounts": burst.accounts} if burst.accounts else {}),
                    **(values or {}),
                },
                names={"#count": "count", **(names or {})},
                condition=condition,
            )
        except ConditionFailed:
            return False
        return True


def _item(burst: Burst) -> Item:
    return {
        "opened_at": epoch(burst.opened_at),
        "ends_at": epoch(burst.ends_at),
        "expires_at": epoch(KeyKind.ACTS.expires_at(burst.ends_at)),
        "last_at": epoch(burst.last_at),
        "count": burst.count,
        "acts": {name: _kept(alerted) for name, alerted in burst.acts.items()},
        "summarised": int(burst.summarised),
        # DynamoDB keeps no empty set.
        **({"accounts": burst.accounts} if burst.accounts else {}),
    }


def _kept(alerted: AlertedEvent) -> str:
    return f"{alerted.severity} {alerted.event}"


def _alerted(kept: str) -> AlertedEvent:
    severity, _, event = kept.partition(" ")
    return AlertedEvent(event, Severity(severity))


def burst_in(item: Item) -> Burst:
    """Return the burst that an item keeps."""
    return Burst(
        opened_at=from_epoch(item["opened_at"]),
        ends_at=from_epoch(item["ends_at"]),
        last_at=from_epoch(item["last_at"]),
        count=item["count"],
        acts={name: _alerted(kept) for name, kept in item["acts"].items()},
        accounts=frozenset(map(AccountId, item.get("accounts", ()))),
        summarised=bool(item.get("summarised", 0)),
    )


@dataclass(frozen=True)
class BurstReminders:
    """Sends reminders to one queue."""

    client: "SQSClient"
    queue_url: str
    hub_account_id: AccountId
    clock: Callable[[], datetime]

    def remind(self, reference: BurstReference, burst: Burst) -> None:
        """Have the queue deliver the reference when the burst has ended."""
        wait = ceil((burst.ends_at - self.clock()).total_seconds())
        body = {
            "id": f"{reference.key}#{iso(burst.opened_at)}",
            "source": SOURCE,
            "detail-type": ROOT_ACTIVITY_BURST_ENDED,
            "account": self.hub_account_id,
            "region": self.client.meta.region_name,
            "time": iso(self.clock()),
            "detail": {
                "account": reference.account.to_detail(),
                "actor": reference.actor.to_detail() if reference.actor else None,
                "sourceIp": reference.source_ip,
                "incident": reference.incident,
                "openedAt": iso(burst.opened_at),
            },
        }
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=json.dumps(body),
            DelaySeconds=max(0, min(wait, _LONGEST_WAIT)),
        )


def read_reminder(detail: Fields) -> tuple[BurstReference, datetime]:
    """Read whose burst has ended and when it was opened; raises MalformedEvent."""
    actor = detail.optional_object("actor")
    reference = BurstReference(
        account=AccountReference.from_detail(detail.object("account")),
        actor=Actor.from_detail(actor) if actor else None,
        source_ip=detail.optional_text("sourceIp"),
        incident=detail.optional_text("incident"),
    )
    return reference, detail.time("openedAt")
