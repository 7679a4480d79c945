"""list_accounts: every account of the organization, once, into the sweep's list."""

import os
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.adapters import clients
from lambdas.adapters.account_list import list_accounts
from lambdas.adapters.deadline import DEADLINE
from lambdas.adapters.sweep_store import SweepStore
from lambdas.domain.event_fields import Fields
from lambdas.domain.sweep import Sweep
from lambdas.domain.sweep_accounts import each_once
from lambdas.observability import logger
from lambdas.settings import ListAccountsSettings


@dataclass(frozen=True)
class _Function:
    settings: ListAccountsSettings
    store: SweepStore

    def handle(self, event: object) -> dict[str, object]:
        sweep = Sweep.from_detail(Fields(event))
        sweep = replace(sweep, mode=sweep.mode or self.settings.sweep_mode)
        accounts = each_once(list_accounts(clients.organizations()))
        self.store.write_accounts(sweep, accounts)
        logger.info("accounts listed", sweep_id=sweep.sweep_id, mode=sweep.mode, count=len(accounts))
        return {
            **sweep.to_detail(),
            "bucket": self.settings.bucket_name,
            "accountsKey": sweep.accounts_key,
            "count": len(accounts),
        }


@cache
def _function() -> _Function:
    settings = ListAccountsSettings.from_environment(os.environ)
    return _Function(settings, SweepStore(clients.s3(), settings.bucket_name))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """List the accounts; return where the list is, and the sweep's own words."""
    DEADLINE.begin(context)
    return _function().handle(event)
