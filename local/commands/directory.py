"""The accounts of the organization, as Organizations lists them."""

from typing import Any

from local.aws import LocalAws


def accounts_of(aws: LocalAws) -> list[dict[str, Any]]:
    """Return every account now in the organization, the management account first."""
    client = aws.client("organizations", account=aws.organization.management_account.id)
    pages = client.get_paginator("list_accounts").paginate()
    return [account for page in pages for account in page["Accounts"]]
