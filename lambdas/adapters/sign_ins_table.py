"""Root sign-ins of each account in the state table: a bounded list, whatever comes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from lambdas.adapters.state_table import Item, StateTable, epoch, number, primary_key, text
from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.failed_sign_ins import AT_LEAST, SignIn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# EventBridge tries to deliver an event for a day: an early failure may arrive that late.
_KEPT = timedelta(days=1)
_MOST = AT_LEAST + 20
_TRIES = 5
_PREFIX = "sign_in_"


@dataclass(frozen=True)
class SignInsTable:
    """See lambdas.domain.activity.failed_sign_ins.SignInMemory."""

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
        return _read(self.table.get(_pk(account_id)))

    def _add(self, account_id: AccountId, sign_in: SignIn) -> tuple[bool, frozenset[SignIn]]:
        """Return whether there was room, and the sign-ins that are remembered."""
        client = self.table.client
        try:
            answer = client.update_item(
                TableName=self.table.name,
                Key={"pk": primary_key(_pk(account_id))},
                UpdateExpression="SET #event = :sign_in, expires_at = :expires ADD written :one",
                ConditionExpression="attribute_not_exists(written) OR written < :most",
                ExpressionAttributeNames={"#event": f"{_PREFIX}{sign_in.event}"},
                ExpressionAttributeValues={
                    ":sign_in": _kept(sign_in),
                    ":expires": number(epoch(self.clock() + _KEPT)),
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
                    "pk": primary_key(_pk(account_id)),
                    "written": number(len(sign_ins)),
                    "expires_at": number(epoch(self.clock() + _KEPT)),
                },
                ConditionExpression="written >= :most",
                ExpressionAttributeValues={":most": number(_MOST)},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _pk(account_id: AccountId) -> str:
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
