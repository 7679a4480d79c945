"""The organization's accounts, every one or those of a unit, as AWS Organizations lists them.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

from lambdas.adapters.organizations import organizational_units
from lambdas.domain.accounts import AccountId
from lambdas.domain.sweep_accounts import ListedAccount

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import AccountTypeDef


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
