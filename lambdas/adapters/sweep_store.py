"""A sweep's accounts and results in S3."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.domain.sweep import Sweep
from lambdas.domain.sweep_accounts import ListedAccount
from lambdas.domain.sweep_rows import Row
from lambdas.domain.undelivered.findings import Findings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class SweepStore:
    """The bucket that keeps what sweeps find."""

    client: "S3Client"
    bucket: str

    def write_accounts(self, sweep: Sweep, accounts: Sequence[ListedAccount]) -> None:
        """Keep the list that the state machine hands out in batches."""
        document = json.dumps([account.to_detail() for account in accounts])
        self._put(sweep.accounts_key, document, "application/json")

    def write_rows(self, sweep: Sweep, rows: Sequence[Row], batch: str) -> None:
        """Keep a batch's rows, a line each; the same batch written again replaces them."""
        lines = "".join(f"{json.dumps(row.to_detail())}\n" for row in rows)
        self._put(f"{sweep.results_prefix}{batch}.jsonl", lines, "application/jsonl")

    def write_undelivered(self, sweep: Sweep, findings: Findings, batch: str) -> None:
        """Keep what a batch of accounts could not send; the same batch written again replaces it."""
        key = f"{sweep.undelivered_prefix}{batch}.json"
        self._put(key, json.dumps(findings.to_detail()), "application/json")

    def _put(self, key: str, document: str, content_type: str) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=document.encode(), ContentType=content_type)
