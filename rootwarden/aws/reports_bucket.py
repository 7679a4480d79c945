"""The evidence bucket: what a report is made from, and the reports."""

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rootwarden.aws.clients import error_code, logger, refusals
from rootwarden.aws.earlier_reports import LATEST, PREFIX, EarlierReport, EarlierReports
from rootwarden.aws.evidence_objects import EvidenceObjects
from rootwarden.refusals import CallRefused
from rootwarden.report.csv_document import write_csv
from rootwarden.report.findings import record_of
from rootwarden.report.gathering import Source
from rootwarden.report.html_page import write_html
from rootwarden.report.report import Report
from rootwarden.sweep.outcome import ReportLocation
from rootwarden.sweep.sweep import Sweep

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_FINDINGS = f"{PREFIX}findings.json"
_JSON = "application/json"
FORMS = ("html", "json", "csv")


@dataclass(frozen=True)
class ReportStore:
    """The bucket, for making a report. accounts, results and undelivered say what cannot be had."""

    client: "S3Client"
    bucket: str

    def accounts(self, sweep: Sweep) -> Source:
        """Return the list of accounts, or why it cannot be had."""
        return self._objects.read(sweep.accounts_key)

    def results(self, sweep: Sweep) -> tuple[dict[str, Source], tuple[str, ...]]:
        """Return the batches' results by their keys, and what could not be had of them."""
        return self._below(sweep.results_prefix, "the results")

    def undelivered(self, sweep: Sweep) -> tuple[dict[str, Source], tuple[str, ...]]:
        """Return what the batches' accounts could not send by its keys, and what could not be had of it."""
        return self._below(sweep.undelivered_prefix, "what accounts could not send")

    def _below(self, prefix: str, what: str) -> tuple[dict[str, Source], tuple[str, ...]]:
        keys: list[str] = []
        missing: tuple[str, ...] = ()
        try:
            keys.extend(found["Key"] for found in self._objects.below(prefix))
        except CallRefused as refused:
            missing = (f"{what} cannot be listed, so some may be missing: {refused}",)
        return {key: self._objects.read(key) for key in keys}, missing

    def has_any(self) -> bool:
        """Say whether a sweep ever left a report; raises CallRefused."""
        # What is on record of findings is there also where no report could be written after it.
        return any(found["Key"] != _FINDINGS for found in self._objects.below(PREFIX))

    def before(self, sweep: Sweep) -> EarlierReport:
        """Return the report that a sweep's is compared with."""
        return EarlierReports(self._objects).before(sweep)

    def write(self, report: Report) -> ReportLocation:
        """Write the report in its three forms."""
        prefix = f"reports/{report.sweep.sweep_id}/report"
        where = ReportLocation(
            bucket=self.bucket, json=f"{prefix}.json", csv=f"{prefix}.csv", html=f"{prefix}.html"
        )
        # In ASCII: programs read the same texts, and a terminal obeys none of them.
        self._put(where.json, json.dumps(report.to_detail()), _JSON)
        self._put(where.csv, write_csv(report), "text/csv; charset=utf-8")
        self._put(where.html, write_html(report), "text/html; charset=utf-8")
        return where

    def overtook(self, sweep: Sweep) -> str | None:
        """Return the sweep that began after this one and has reported already, if one has."""
        return self.before(sweep).overtaken_by

    def findings_record(self) -> Source | None:
        """Return what the last sweep that imported findings put on record; None where none did."""
        return self._objects.read_if_there(_FINDINGS)

    def put_findings_on_record(self, report: Report) -> None:
        """Put on record which findings may be open after a report's are imported."""
        self._put(_FINDINGS, json.dumps(record_of(report)), _JSON)

    def mark_latest(self, report: Report) -> str | None:
        """Write the report as the one that the next sweep compares with; return the later sweep whose is."""
        # Also where that one reported while this one was written.
        later = report.overtaken_by or self.overtook(report.sweep)
        if later:
            logger.warning("a later sweep's report stays the latest", later=later)
        else:
            self._put(LATEST, json.dumps(report.to_detail()), _JSON)
        return later

    @property
    def _objects(self) -> EvidenceObjects:
        return EvidenceObjects(self.client, self.bucket)

    def _put(self, key: str, text: str, content_type: str) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=text.encode(), ContentType=content_type)


@dataclass(frozen=True)
class ReportArchive:
    """The evidence bucket. Every method raises CallRefused."""

    client: "S3Client"
    bucket: str

    def latest(self) -> str | None:
        """Return the latest report as JSON; None where there is none."""
        return self._read(LATEST)

    def read(self, sweep_id: str, form: str) -> str | None:
        """Return a sweep's report in one of its FORMS; None where there is none."""
        return self._read(f"{PREFIX}{sweep_id}/report.{form}")

    def last_of(self, day: date) -> str | None:
        """Return the id of the sweep whose report was the last written on a day, in UTC."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX)
        with refusals():
            found = [each for page in pages for each in page.get("Contents", [])]
        written = {
            each["LastModified"]: each["Key"]
            for each in found
            if each["Key"].endswith("/report.json") and each["LastModified"].date() == day
        }
        return written[max(written)].split("/")[1] if written else None

    def _read(self, key: str) -> str | None:
        with refusals():
            try:
                body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error_code(error) == "NoSuchKey":
                    return None
                raise
        return body.decode("utf-8")
