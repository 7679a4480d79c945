"""What the state table keeps of root activity besides bursts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from rootwarden.accounts import AccountId
from rootwarden.activity.failed_sign_ins import AT_LEAST, SignIn
from rootwarden.activity.root_activity import Severity
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import Item, KeyKind, StateTable, epoch, number, primary_key, text, text_in
from rootwarden.recovery.windows import RecoveryWindow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


# More than are looked at, so that a full item is not rewritten for each sign-in.
_MOST = AT_LEAST + 20
_TRIES = 5
_PREFIX = "sign_in_"


@dataclass(frozen=True)
class ReportedEvents:
    """The events, in the state table."""

    table: StateTable
    clock: Callable[[], datetime]

    def severity(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None where it is not on record."""
        found = text_in(self.table.get(KeyKind.REPORTED.key(account_id, event_id)), "severity")
        return Severity(found) if found else None

    def remember(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported."""
        item = {"severity": text(severity)}
        key = KeyKind.REPORTED.key(account_id, event_id)
        self.table.put(key, item, expires_at=KeyKind.REPORTED.expires_at(self.clock()))


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


@dataclass(frozen=True)
class SignInsTable:
    """See rootwarden.activity.failed_sign_ins.SignInMemory."""

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
        return _read(self.table.get(KeyKind.SIGNINS.key(account_id)))

    def _add(self, account_id: AccountId, sign_in: SignIn) -> tuple[bool, frozenset[SignIn]]:
        """Return whether there was room, and the sign-ins that are remembered."""
        client = self.table.client
        try:
            answer = client.update_item(
                TableName=self.table.name,
                Key={"pk": primary_key(KeyKind.SIGNINS.key(account_id))},
                UpdateExpression="SET #event = :sign_in, expires_at = :expires ADD written :one",
                ConditionExpression="attribute_not_exists(written) OR written < :most",
                ExpressionAttributeNames={"#event": f"{_PREFIX}{sign_in.event}"},
                ExpressionAttributeValues={
                    ":sign_in": _kept(sign_in),
                    ":expires": number(epoch(KeyKind.SIGNINS.expires_at(self.clock()))),
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
                    "pk": primary_key(KeyKind.SIGNINS.key(account_id)),
                    "written": number(len(sign_ins)),
                    "expires_at": number(epoch(KeyKind.SIGNINS.expires_at(self.clock()))),
                },
                ConditionExpression="written >= :most",
                ExpressionAttributeValues={":most": number(_MOST)},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True


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
