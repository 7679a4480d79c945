"""What the state table keeps of root activity besides bursts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from rootwarden.accounts import AccountId
from rootwarden.activity.bursts import MOST_ACTS, AlertedEvent, Burst
from rootwarden.activity.judgement import AT_LEAST, SignIn
from rootwarden.activity.root_activity import Severity
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import (
    Item,
    StateTable,
    epoch,
    from_epoch,
    number,
    number_in,
    primary_key,
    text,
    text_in,
)
from rootwarden.recovery.windows import RecoveryWindow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


# AWS does not say how long after an event it may still correct it.
_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class ReportedEvents:
    """The events, in the state table."""

    table: StateTable
    clock: Callable[[], datetime]

    def severity(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None where it is not on record."""
        found = text_in(self.table.get(_pk(account_id, event_id)), "severity")
        return Severity(found) if found else None

    def remember(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported."""
        item = {"severity": text(severity)}
        self.table.put(_pk(account_id, event_id), item, expires_at=self.clock() + _KEPT)


def _pk(account_id: AccountId, event_id: str) -> str:
    return f"REPORTED#{account_id}#{event_id}"


@dataclass(frozen=True)
class ActivityRecords:
    """See rootwarden.activity.assessment.ActivityMemory."""

    sessions: SessionRegister
    windows: RecoveryWindows
    reports: ReportedEvents

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this key."""
        return self.sessions.opener(access_key_id)

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""
        self.sessions.remember(access_key_id, opener)

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""
        return self.windows.open_window(account_id)

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None where it is not on record."""
        return self.reports.severity(account_id, event_id)

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported."""
        self.reports.remember(account_id, event_id, severity)


PREFIX = "ROOTEVENT#"
_ROOT_EVENT_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class RootEvents:
    """The times, in the state table."""

    table: StateTable
    clock: Callable[[], datetime]

    def arrived(self, account_id: AccountId, at: datetime) -> None:
        """Put on record that an event of this time arrived, also one of a root session of ours."""
        item = {"seen_at": number(epoch(at))}
        self.table.put(f"{PREFIX}{account_id}", item, expires_at=self.clock() + _ROOT_EVENT_KEPT)


# EventBridge tries to deliver an event for a day: an early failure may arrive that late.
_SIGN_INS_KEPT = timedelta(days=1)
_MOST = AT_LEAST + 20
_TRIES = 5
_PREFIX = "sign_in_"


@dataclass(frozen=True)
class SignInsTable:
    """See rootwarden.activity.judgement.SignInMemory."""

    table: StateTable
    clock: Callable[[], datetime]

    def add(self, account_id: AccountId, sign_in: SignIn) -> frozenset[SignIn]:
        """Remember one, once, and return it with those remembered before."""
        known: frozenset[SignIn] = frozenset()
        for _ in range(_TRIES):
            added, known = self._add(account_id, sign_in)
            if added:
                return known
            latest = sorted(known | {sign_in})[-AT_LEAST:]
            if self._replace(account_id, latest):
                return known | {sign_in}
        # So many at the same moment that this one could not be put down: it counts now, if not later.
        return known | {sign_in}

    def remembered(self, account_id: AccountId) -> frozenset[SignIn]:
        """Return those remembered."""
        return _read(self.table.get(_sign_ins_pk(account_id)))

    def _add(self, account_id: AccountId, sign_in: SignIn) -> tuple[bool, frozenset[SignIn]]:
        """Return whether there was room, and the sign-ins that are remembered."""
        client = self.table.client
        try:
            answer = client.update_item(
                TableName=self.table.name,
                Key={"pk": primary_key(_sign_ins_pk(account_id))},
                UpdateExpression="SET #event = :sign_in, expires_at = :expires ADD written :one",
                ConditionExpression="attribute_not_exists(written) OR written < :most",
                ExpressionAttributeNames={"#event": f"{_PREFIX}{sign_in.event}"},
                ExpressionAttributeValues={
                    ":sign_in": _kept(sign_in),
                    ":expires": number(epoch(self.clock() + _SIGN_INS_KEPT)),
                    ":one": number(1),
                    ":most": number(_MOST),
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except client.exceptions.ConditionalCheckFailedException as refused:
            return False, _read(cast("Item", refused.response.get("Item", {})))
        return True, _read(answer.get("Attributes", {}))

    def _replace(self, account_id: AccountId, sign_ins: list[SignIn]) -> bool:
        """Make room in a full item; False when that was done meanwhile."""
        client = self.table.client
        try:
            client.put_item(
                TableName=self.table.name,
                Item={
                    **{f"{_PREFIX}{one.event}": _kept(one) for one in sign_ins},
                    "pk": primary_key(_sign_ins_pk(account_id)),
                    "written": number(len(sign_ins)),
                    "expires_at": number(epoch(self.clock() + _SIGN_INS_KEPT)),
                },
                ConditionExpression="written >= :most",
                ExpressionAttributeValues={":most": number(_MOST)},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _sign_ins_pk(account_id: AccountId) -> str:
    return f"SIGNINS#{account_id}"


def _kept(sign_in: SignIn) -> "AttributeValueTypeDef":
    return text(f"{sign_in.at} {'succeeded' if sign_in.succeeded else 'failed'}")


def _read(item: Item) -> frozenset[SignIn]:
    found = []
    for name, kept in item.items():
        if name.startswith(_PREFIX):
            at, _, how = kept["S"].partition(" ")
            event = name.removeprefix(_PREFIX)
            found.append(SignIn(at=int(at), event=event, succeeded=how == "succeeded"))
    return frozenset(found)


_BURSTS_TABLE_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class BurstsTable:
    """See rootwarden.activity.bursts.BurstMemory."""

    table: StateTable

    def load(self, key: str) -> Burst | None:
        """Return the burst; None where there is none."""
        item = self.table.get(_bursts_table_pk(key))
        return _burst(item) if item else None

    def open(self, key: str, burst: Burst, *, instead_of: Burst | None) -> bool:
        """Keep a new burst; False when another one was opened meanwhile."""
        client = self.table.client
        # Where there was none, no burst began at that time either.
        before = number(epoch(instead_of.opened_at)) if instead_of else text("none")
        try:
            client.put_item(
                TableName=self.table.name,
                Item={**_item(burst), "pk": primary_key(_bursts_table_pk(key))},
                ConditionExpression="attribute_not_exists(pk) OR opened_at = :before",
                ExpressionAttributeValues={":before": before},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def count(self, key: str, burst: Burst) -> bool:
        """Count one more event in a burst; False when another one took its place."""
        return self._update(key, burst, "SET last_at = :now ADD #count :one", "opened_at = :opened")

    def remember(self, key: str, burst: Burst, act: str) -> bool:
        """Count one more event and keep its act; False when the act is there, or the burst is another one."""
        return self._update(
            key,
            burst,
            "SET last_at = :now, acts.#act = :act ADD #count :one",
            "opened_at = :opened AND attribute_not_exists(acts.#act) AND size(acts) < :most",
            names={"#act": act},
            values={":act": _bursts_table_kept(burst.acts[act]), ":most": number(MOST_ACTS)},
        )

    def summarised(self, key: str, burst: Burst) -> None:
        """Put down that a burst's summary was sent."""
        client = self.table.client
        try:
            client.update_item(
                TableName=self.table.name,
                Key={"pk": primary_key(_bursts_table_pk(key))},
                UpdateExpression="SET summarised = :one",
                ConditionExpression="opened_at = :opened",
                ExpressionAttributeValues={":one": number(1), ":opened": number(epoch(burst.opened_at))},
            )
        except client.exceptions.ConditionalCheckFailedException:
            # Another burst took its place: there is nothing left to put down.
            return

    def _update(
        self,
        key: str,
        burst: Burst,
        update: str,
        condition: str,
        *,
        names: Mapping[str, str] | None = None,
        values: "Mapping[str, AttributeValueTypeDef] | None" = None,
    ) -> bool:
        client = self.table.client
        try:
            client.update_item(
                TableName=self.table.name,
                Key={"pk": primary_key(_bursts_table_pk(key))},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#count": "count", **(names or {})},
                ExpressionAttributeValues={
                    ":now": number(epoch(burst.last_at)),
                    ":one": number(1),
                    ":opened": number(epoch(burst.opened_at)),
                    **(values or {}),
                },
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _bursts_table_pk(key: str) -> str:
    return f"BURST#{key}"


def _item(burst: Burst) -> "dict[str, AttributeValueTypeDef]":
    return {
        "opened_at": number(epoch(burst.opened_at)),
        "ends_at": number(epoch(burst.ends_at)),
        "last_at": number(epoch(burst.last_at)),
        "count": number(burst.count),
        "acts": {"M": {name: _bursts_table_kept(alerted) for name, alerted in burst.acts.items()}},
        "summarised": number(int(burst.summarised)),
        "expires_at": number(epoch(burst.ends_at + _BURSTS_TABLE_KEPT)),
    }


def _bursts_table_kept(alerted: AlertedEvent) -> "AttributeValueTypeDef":
    return text(f"{alerted.severity} {alerted.event}")


def _alerted(kept: str) -> AlertedEvent:
    severity, _, event = kept.partition(" ")
    return AlertedEvent(event, Severity(severity))


def _burst(item: Item) -> Burst:
    return Burst(
        opened_at=from_epoch(number_in(item, "opened_at")),
        ends_at=from_epoch(number_in(item, "ends_at")),
        last_at=from_epoch(number_in(item, "last_at")),
        count=number_in(item, "count"),
        acts={name: _alerted(value["S"]) for name, value in item["acts"]["M"].items()},
        summarised=bool(number_in(item, "summarised")),
    )
