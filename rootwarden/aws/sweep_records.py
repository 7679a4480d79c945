"""What a sweep begins with, and leaves for the report and the next: accounts, rows, Regions to probe."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from rootwarden.accounts import Account
from rootwarden.aws import clients
from rootwarden.aws.clients import logger, refusals
from rootwarden.aws.organizations import enabled_features, list_accounts
from rootwarden.aws.reports_bucket import ReportStore
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.contract.settings import ListAccountsSettings
from rootwarden.events import AccountId, Fields, MalformedEvent
from rootwarden.report.deployment_checks import why_too_early
from rootwarden.sweep.sweep import AccountRow, Sweep, each_once, listed, read_account
from rootwarden.undelivered.findings import UndeliveredEvents

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# An item holds 400 KB; where more accounts are silent, their own turn comes within the week.
_MOST_BYTES = 380_000


def attempt_name() -> str:
    """Name an attempt at a batch; names are in the order of the attempts."""
    return f"{time.time_ns()}-{uuid4().hex}"


@dataclass(frozen=True)
class SweepStore:
    """A sweep's files in the evidence bucket."""

    client: "S3Client"
    bucket: str

    def write_accounts(self, sweep: Sweep, accounts: Sequence[Account]) -> None:
        """Keep the list that the state machine hands out in batches."""
        document = json.dumps([listed(account) for account in accounts])
        self._put(sweep.accounts_key, document, "application/json")

    def write_rows(self, sweep: Sweep, rows: Sequence[AccountRow], batch: str, attempt: str) -> None:
        """Keep a batch's rows, a line each, beside those of other attempts: what one removed, none finds."""
        lines = "".join(f"{json.dumps(row.to_detail())}\n" for row in rows)
        self._put(f"{sweep.results_prefix}{batch}-{attempt}.jsonl", lines, "application/jsonl")

    def write_undelivered(self, sweep: Sweep, findings: UndeliveredEvents, batch: str, attempt: str) -> None:
        """Keep what a batch of accounts could not send, beside what another attempt at it found."""
        key = f"{sweep.undelivered_prefix}{batch}-{attempt}.json"
        self._put(key, json.dumps(findings.to_detail()), "application/json")

    def _put(self, key: str, document: str, content_type: str) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=document.encode(), ContentType=content_type)


@dataclass(frozen=True)
class UnheardProbes:
    """One item: what the next sweep probes again, whether it is the accounts' turn or not."""

    table: StateTable

    def read(self) -> dict[AccountId, tuple[str, ...]]:
        """Return the Regions by account; raises CallRefused."""
        with refusals():
            item = self.table.get(KeyKind.UNHEARD.key())
        found = json.loads(item.get("regions") or "{}")
        return {AccountId(account): tuple(regions) for account, regions in found.items()}

    def write(self, regions: Mapping[AccountId, tuple[str, ...]]) -> None:
        """Keep them in place of what was there; raises CallRefused."""
        first, size = dict[AccountId, tuple[str, ...]](), 0
        for account_id, silent in sorted(regions.items()):
            size += len(json.dumps({account_id: silent}).encode())
            if size > _MOST_BYTES:
                break
            first[account_id] = silent
        with refusals():
            self.table.put(KeyKind.UNHEARD.key(), {"regions": json.dumps(first)})


def read_accounts(items: Iterable[object]) -> list[Account]:
    """Return a batch's accounts; an item that is none is logged and left out."""
    return list(_readable(items))


def _readable(items: Iterable[object]) -> Iterator[Account]:
    for item in items:
        try:
            yield read_account(Fields(item))
        except MalformedEvent as error:
            logger.error("item skipped", why=str(error))


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
