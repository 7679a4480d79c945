"""The list of accounts that a sweep begins with, made from the function's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rootwarden.aws import clients
from rootwarden.aws.organizations import enabled_features, list_accounts
from rootwarden.aws.reports_bucket import ReportStore
from rootwarden.aws.sweep_records import SweepStore
from rootwarden.contract.settings import ListAccountsSettings
from rootwarden.report.deployment_checks import why_too_early
from rootwarden.sweep.sweep import Sweep, each_once


@dataclass(frozen=True)
class AccountLister:
    """Lists the organization's accounts into the evidence bucket."""

    settings: ListAccountsSettings
    store: SweepStore
    reports: ReportStore

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make one as the function is configured; raises InvalidSetting."""
        settings = ListAccountsSettings.from_environment(environ)
        client, bucket = clients.s3(), settings.bucket_name
        return cls(settings, SweepStore(client, bucket), ReportStore(client, bucket))

    def why_not_yet(self) -> str | None:
        """Say why no sweep is possible yet, None where one is: only before the first report it may not be."""
        if self.reports.has_any():
            return None
        return why_too_early(enabled_features(clients.own_iam()))

    def write(self, sweep: Sweep) -> int:
        """Keep the list, every account once; return how many there are."""
        accounts = each_once(list_accounts(clients.organizations()))
        self.store.write_accounts(sweep, accounts)
        return len(accounts)
