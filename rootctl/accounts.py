"""The organization's accounts, as operators name them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.output import some
from rootwarden.accounts import Account
from rootwarden.aws.clients import error_code, refusals
from rootwarden.aws.organizations import (
    OrganizationsDirectory,
    list_accounts,
    list_accounts_below,
    organization_of,
)
from rootwarden.events import AccountId
from rootwarden.requests import RequestRefused, member_account
from rootwarden.sweep.sweep import each_once

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_UNIT = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")


@dataclass(frozen=True)
class OrganizationAccounts:
    """The accounts root sessions can reach, and those they cannot. Every method raises CallRefused."""

    client: "OrganizationsClient"
    management_account_id: AccountId

    @classmethod
    def of(cls, session: AwsSession) -> Self:
        """Ask for the organization the operator's account is in."""
        client: OrganizationsClient = session.client("organizations")
        return cls(client, organization_of(client).management_account_id)

    def named(self, account_ids: Iterable[AccountId]) -> list[Account]:
        """Return the accounts; raises WrongUsage naming the first that takes no root sessions."""
        directory = OrganizationsDirectory(self.client)
        try:
            return [member_account(directory, each, self.management_account_id) for each in account_ids]
        except RequestRefused as refused:
            text = refused.text[0].upper() + refused.text[1:]
            raise WrongUsage(f"{text}. Nothing was done: check the account, and --profile.") from refused

    def below(self, unit: str) -> list[Account]:
        """Return every account in and below an organizational unit; raises WrongUsage."""
        if not _UNIT.fullmatch(unit):
            raise WrongUsage(
                f"--ou takes the id of an organizational unit or the root (ou-… or r-…), found {unit!r}."
            )
        with refusals():
            try:
                return each_once(list_accounts_below(self.client, unit))
            except ClientError as error:
                if error_code(error) != "ParentNotFoundException":
                    raise
                raise WrongUsage(
                    f"{unit} is not in the organization: check the id, and --profile."
                ) from error

    def every(self) -> list[Account]:
        """Return every account."""
        with refusals():
            return each_once(list_accounts(self.client))


def check_one_choice(accounts: Sequence[str] | None, unit: str | None, *, every: bool) -> None:
    """Raise WrongUsage unless accounts are named, or a unit, or all."""
    if sum((bool(accounts), unit is not None, every)) != 1:
        raise WrongUsage("Say which accounts: their ids or names, --ou or --all; one of the three.")


def chosen(
    organization: OrganizationAccounts, account_ids: Sequence[AccountId], unit: str | None
) -> list[Account]:
    """Return the accounts named, else of the unit, else all; raises WrongUsage and CallRefused."""
    if account_ids:
        return list(map(as_listed, organization.named(account_ids)))
    return organization.below(unit) if unit is not None else organization.every()


def ids_by_name(session: AwsSession, names: Iterable[str]) -> Mapping[str, AccountId]:
    """Return the account of each name; raises WrongUsage where none or several have it, and CallRefused."""
    with refusals():
        every = each_once(list_accounts(session.client("organizations")))
    return {name: account_named(name, every).account_id for name in names}


def account_named(name: str, every: Sequence[Account]) -> Account:
    """Return the account of a name, in any case where none has it as written; raises WrongUsage."""
    found = [each for each in every if (each.name or "") == name]
    found = found or [each for each in every if (each.name or "").casefold() == name.casefold()]
    match found:
        case [only]:
            return only
        case []:
            raise WrongUsage(
                f"No account of the organization is named {name!r}: check the name and --profile, or say its"
                " id of 12 digits."
            )
    ids = some(each.account_id for each in found)
    raise WrongUsage(f"{len(found)} accounts are named {name!r}: say which by its id: {ids}.")


def as_listed(account: Account) -> Account:
    """Return an account in the form of a list's."""
    return Account(
        account_id=account.account_id,
        name=account.name,
        state=account.state,
        organizational_units=account.organizational_units,
    )
