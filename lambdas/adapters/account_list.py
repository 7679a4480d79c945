"""Every account of the organization, as AWS Organizations lists them.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lambdas.adapters.organizations import organizational_units
from lambdas.domain.accounts import AccountId
from lambdas.domain.sweep_accounts import ListedAccount

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


def list_accounts(client: "OrganizationsClient") -> Iterator[ListedAccount]:
    """Yield every account, page by page; one that moves between pages may come twice."""
    for page in client.get_paginator("list_accounts").paginate():
        for found in page["Accounts"]:
            yield ListedAccount(
                account_id=AccountId(found["Id"]),
                name=found.get("Name") or None,
                # State replaces Status, which AWS said it would retire in September 2026.
                state=found.get("State") or found.get("Status") or "UNKNOWN",
                organizational_units=organizational_units(found),
            )
