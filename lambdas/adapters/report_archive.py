"""The reports of past sweeps, for people who ask for them."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.adapters.refusals import error_code, refusals
from lambdas.adapters.report_store import LATEST

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FORMS = ("html", "json", "csv")
_PREFIX = "reports/"


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
        return self._read(f"{_PREFIX}{sweep_id}/report.{form}")

    def last_of(self, day: date) -> str | None:
        """Return the id of the sweep whose report was the last written on a day, in UTC."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=_PREFIX)
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
