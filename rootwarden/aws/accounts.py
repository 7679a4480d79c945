"""The organization's accounts, as AWS Organizations and Account Management describe them."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rootwarden.accounts import Account, AccountId, AccountState
from rootwarden.aws.errors import error_code, refusals
from rootwarden.aws.hardening_records import HardeningRecords, PosturesTable
from rootwarden.aws.state_table import StateTable, epoch, number, primary_key
from rootwarden.hardening.account_hardening import Organization
from rootwarden.hardening.announcement import ALONE, OBSERVED_ONLY, WITH_GOV_CLOUD
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.hardening.progress import Progress
from rootwarden.hardening.removal import CallRefused
from rootwarden.sweep.accounts import ListedAccount

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import AccountTypeDef


_KINDS = ("ACCOUNT", "WINDOWED", "POSTURE", "ROOTEVENT", "COVERAGE")


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
        keys = [f"{kind}#{account_id}" for kind in _KINDS]
        besides = (OBSERVED_ONLY, WITH_GOV_CLOUD, ALONE)
        keys += [f"ACCOUNT#{account_id}#{each}" for each in besides]
        self.hardening.forget(account_id)
        for key in keys:
            self.table.client.delete_item(TableName=self.table.name, Key={"pk": primary_key(key)})

    def _forget_window(self, account_id: AccountId, left_at: datetime) -> None:
        client = self.table.client
        with suppress(client.exceptions.ConditionalCheckFailedException):
            client.delete_item(
                TableName=self.table.name,
                Key={"pk": primary_key(f"WINDOW#{account_id}")},
                ConditionExpression="attribute_not_exists(opened_at) OR opened_at <= :left",
                ExpressionAttributeValues={":left": number(epoch(left_at))},
            )


@dataclass(frozen=True)
class OrganizationsDirectory:
    """The organization's directory; works in the management account and in any delegated administrator's."""

    client: "OrganizationsClient"

    def describe(self, account_id: AccountId) -> Account | None:
        """Return the account, or None when it is not in the organization; raises CallRefused."""
        with refusals():
            try:
                found = self.client.describe_account(AccountId=account_id)["Account"]
            except ClientError as error:
                if error_code(error) == "AccountNotFoundException":
                    return None
                raise
        joined = found.get("JoinedTimestamp")
        return Account(
            account_id=account_id,
            name=found.get("Name") or None,
            state=_state(found),
            organizational_units=organizational_units(found),
            joined_at=joined.astimezone(UTC) if joined else None,
        )


def _state(found: "AccountTypeDef") -> AccountState:
    # State replaces Status, which AWS said it would retire in September 2026; either may be missing.
    text = found.get("State") or found.get("Status") or ""
    try:
        return AccountState(text)
    except ValueError:
        raise CallRefused("UnknownAccountState", f"DescribeAccount says {text!r}") from None


def organizational_units(found: "AccountTypeDef") -> tuple[str, ...] | None:
    """Read the units out of Paths, which look like o-…/r-…/ou-…/ou-…/."""
    paths = found.get("Paths")
    if not paths:
        return None
    return tuple(part for part in paths[0].split("/") if part.startswith("ou-"))


def list_accounts(client: "OrganizationsClient") -> Iterator[ListedAccount]:
    """Yield every account, page by page; one that moves between pages may come twice."""
    for page in client.get_paginator("list_accounts").paginate():
        yield from map(_listed, page["Accounts"])


def list_accounts_below(client: "OrganizationsClient", parent_id: str) -> Iterator[ListedAccount]:
    """Yield every account in a unit, or the root, and in the units below it."""
    for page in client.get_paginator("list_accounts_for_parent").paginate(ParentId=parent_id):
        yield from map(_listed, page["Accounts"])
    for units in client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent_id):
        for unit in units["OrganizationalUnits"]:
            yield from list_accounts_below(client, unit["Id"])


def _listed(found: "AccountTypeDef") -> ListedAccount:
    joined = found.get("JoinedTimestamp")
    return ListedAccount(
        account_id=AccountId(found["Id"]),
        name=found.get("Name") or None,
        # State replaces Status, which AWS said it would retire in September 2026.
        state=found.get("State") or found.get("Status") or "UNKNOWN",
        organizational_units=organizational_units(found),
        joined_at=joined.astimezone(UTC) if joined else None,
    )


_LIFE = timedelta(hours=1)
# Enough for a large organization; a stranger's random ids push out the oldest, never more than these.
_MOST = 5000


@dataclass(frozen=True)
class RememberedAccounts:
    """An organization's directory with a memory: for names, not for decisions on an account's state."""

    organization: Organization
    clock: Callable[[], datetime]
    most: int = _MOST
    _known: OrderedDict[AccountId, tuple[datetime, Account | None]] = field(default_factory=OrderedDict)

    def describe(self, account_id: AccountId) -> Account | None:
        """Return the account, or None when it is not in the organization; raises CallRefused, each time."""
        now = self.clock()
        if known := self._known.get(account_id):
            asked_at, account = known
            if now < asked_at + _LIFE:
                return account
        account = self.organization.describe(account_id)
        self._known[account_id] = now, account
        self._known.move_to_end(account_id)
        if len(self._known) > self.most:
            self._known.popitem(last=False)
        return account


@dataclass(frozen=True)
class AccountRegions:
    """own: the account the client acts in, which may not name itself."""

    client: Any
    own: AccountId

    def opted_in(self, account_id: AccountId) -> frozenset[str]:
        """Return the Regions an account has opted in to or is opting in to; raises CallRefused."""
        named = {} if account_id == self.own else {"AccountId": account_id}
        with refusals():
            pages = self.client.get_paginator("list_regions").paginate(
                RegionOptStatusContains=["ENABLED", "ENABLING"], **named
            )
            return frozenset(found["RegionName"] for page in pages for found in page["Regions"])
