"""Reading the evidence bucket's objects, and saying which cannot be had."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootwarden.aws.clients import refusals
from rootwarden.refusals import CallRefused
from rootwarden.report.gathering import Source

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

# botocore repeats a request that fails, but not one whose answer breaks off while it is read.
_MOST_READS = 3


class _Broken(CallRefused):
    """When an answer breaks off, or stops, while it is read."""


@dataclass(frozen=True)
class EvidenceObjects:
    """The objects of the evidence bucket."""

    client: "S3Client"
    bucket: str

    def read(self, key: str) -> Source:
        """Return an object's text, or why it cannot be had, also after a broken answer was read again."""
        found = self._read(key)
        for _ in range(_MOST_READS - 1):
            if not isinstance(found, _Broken):
                break
            found = self._read(key)
        return found

    def read_if_there(self, key: str) -> Source | None:
        """Return the same; None where there is no such object."""
        # For an object that is not there S3 says AccessDenied to a caller that may not list the whole bucket.
        try:
            with refusals():
                found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        except CallRefused as refused:
            return refused
        return self.read(key) if any(one["Key"] == key for one in found.get("Contents", [])) else None

    def below(self, prefix: str) -> Iterator["ObjectTypeDef"]:
        """Yield every object below a prefix; raises CallRefused, perhaps after some."""
        with refusals():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            for page in pages:
                yield from page.get("Contents", [])

    def _read(self, key: str) -> Source:
        try:
            with refusals():
                body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        except CallRefused as refused:
            return refused
        try:
            with refusals():
                return body.read().decode("utf-8", "replace")
        except CallRefused as refused:
            return _Broken(refused.code, refused.message)
