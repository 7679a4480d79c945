"""list_accounts: every account of the organization, once, into the sweep's list.

Before the first report it says so where the organization's stack is not there yet.
"""

import os
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.observability import logger
from rootwarden.aws.organizations import enabled_features, list_accounts
from rootwarden.aws.reports_bucket import ReportStore
from rootwarden.aws.sweep_records import SweepStore
from rootwarden.contract.settings import ListAccountsSettings
from rootwarden.event_fields import Fields
from rootwarden.report.deployment_checks import why_too_early
from rootwarden.sweep.rows import each_once
from rootwarden.sweep.sweep import Sweep


@dataclass(frozen=True)
class _Function:
    settings: ListAccountsSettings
    store: SweepStore
    reports: ReportStore

    def handle(self, event: object) -> dict[str, object]:
        sweep = Sweep.from_detail(Fields(event))
        sweep = replace(sweep, mode=sweep.mode or self.settings.sweep_mode)
        if why := self._too_early():
            logger.warning("no sweep yet", sweep_id=sweep.sweep_id, why=why)
            return {**sweep.to_detail(), "notYet": why}
        accounts = each_once(list_accounts(clients.organizations()))
        self.store.write_accounts(sweep, accounts)
        logger.info("accounts listed", sweep_id=sweep.sweep_id, mode=sweep.mode, count=len(accounts))
        return {
            **sweep.to_detail(),
            "bucket": self.settings.bucket_name,
            "accountsKey": sweep.accounts_key,
            "count": len(accounts),
        }

    def _too_early(self) -> str | None:
        if self.reports.has_any():
            return None
        return why_too_early(enabled_features(clients.own_iam()))


@cache
def _function() -> _Function:
    settings = ListAccountsSettings.from_environment(os.environ)
    client, bucket = clients.s3(), settings.bucket_name
    return _Function(settings, SweepStore(client, bucket), ReportStore(client, bucket))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """List the accounts; return where the list is, or why no sweep is possible yet (`notYet`)."""
    DEADLINE.begin(context)
    return _function().handle(event)
