"""Account Management's answer to which Regions an account has opted in to.

Of other accounts it answers the management account, where the organization trusts account.amazonaws.com,
and delegated administrators of that service; of one's own account everybody who is allowed to ask.
https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
"""

from dataclasses import dataclass
from typing import Any

from lambdas.adapters.refusals import refusals
from lambdas.domain.accounts import AccountId


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
