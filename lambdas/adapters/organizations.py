"""Accounts as AWS Organizations describes them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.adapters.refusals import error_code, refusals
from lambdas.domain.accounts import Account, AccountId, AccountState
from lambdas.domain.hardening.removal import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import AccountTypeDef


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
        return Account(
            account_id=account_id,
            name=found.get("Name") or None,
            state=_state(found),
            organizational_units=organizational_units(found),
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
