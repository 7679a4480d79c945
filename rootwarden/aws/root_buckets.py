"""Buckets of a member account, in root sessions that may read, replace and delete their policies.

The task policy allows neither GetBucketLocation nor HeadBucket: ListBuckets says the Region, as it does
whenever it is asked with a parameter. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rootwarden.aws.clients import RootSessionKeys, error_code, refusals
from rootwarden.aws.root_sessions import SessionRecords, open_root_session
from rootwarden.contract.functions import UNLOCK_BUCKET
from rootwarden.events import AccountId, MalformedEvent
from rootwarden.requests import RequestRefused
from rootwarden.unlocking.outcome import Found
from rootwarden.unlocking.requests import Resource, ResourceKind, UnlockRefusal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

_NAME = re.compile(r"[A-Za-z0-9._-]{3,255}")
_PAGE = 1000


@dataclass(frozen=True)
class BucketPolicy:
    """See rootwarden.unlocking.outcome.PolicyHolder."""

    client: "S3Client"
    resource: Resource

    def read(self) -> str | None:
        """Return the bucket's policy, None where there is none; raises CallRefused."""
        with refusals():
            try:
                return self.client.get_bucket_policy(Bucket=self.resource.name)["Policy"]
            except ClientError as error:
                if error_code(error) != "NoSuchBucketPolicy":
                    raise
                return None

    def write(self, policy: str | None) -> None:
        """Put a policy in place of the bucket's, or delete it; raises CallRefused."""
        with refusals():
            if policy is None:
                self.client.delete_bucket_policy(Bucket=self.resource.name)
            else:
                self.client.put_bucket_policy(Bucket=self.resource.name, Policy=policy)


@dataclass(frozen=True)
class RootBuckets:
    """See rootwarden.unlocking.outcome.PolicyHolders."""

    sts: "STSClient"
    s3_client: "Callable[[RootSessionKeys, str], S3Client]"
    register: SessionRecords

    def find(self, account_id: AccountId, wanted: str, region: str | None) -> Found:
        """Find a bucket by its name; raises MalformedEvent, RequestRefused and CallRefused."""
        if not _NAME.fullmatch(wanted):
            raise MalformedEvent("bucket", "the name of a bucket", wanted)
        keys = open_root_session(self.sts, self.register, account_id, UNLOCK_BUCKET)
        found = _region(self.s3_client(keys, region or self.sts.meta.region_name), wanted)
        if found is None:
            text = f"account {account_id} has no bucket {wanted}"
            raise RequestRefused(UnlockRefusal.NOT_IN_ACCOUNT, text)
        if region not in (None, found):
            text = f"the bucket {wanted} of account {account_id} is in {found}, not in {region}"
            raise RequestRefused(UnlockRefusal.NOT_IN_ACCOUNT, text)
        resource = Resource(
            kind=ResourceKind.BUCKET,
            name=wanted,
            arn=f"arn:{self.sts.meta.partition}:s3:::{wanted}",
            region=found,
        )
        return Found(BucketPolicy(self.s3_client(keys, found), resource), {})


def _region(client: "S3Client", name: str) -> str | None:
    """Return the bucket's Region, None where the account has no such bucket; raises CallRefused."""
    with refusals():
        pages = client.get_paginator("list_buckets").paginate(
            Prefix=name, PaginationConfig={"PageSize": _PAGE}
        )
        found = [bucket for page in pages for bucket in page.get("Buckets", ()) if bucket.get("Name") == name]
        if not found:
            return None
        return found[0].get("BucketRegion") or _region_by_redirect(client, name)


def _region_by_redirect(client: "S3Client", name: str) -> str:
    """Return where S3 sends whoever asks for the bucket in the wrong Region; else it is the client's own."""
    told = [client.meta.region_name]

    def note(response: tuple[object, Mapping[str, Any]] | None, **_: object) -> None:
        parsed = response[1] if response else {}
        headers = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        region = headers.get("x-amz-bucket-region") or parsed.get("Error", {}).get("Region")
        told.extend([region] if region else [])

    client.meta.events.register_first("needs-retry.s3.GetBucketPolicy", note)
    try:
        client.get_bucket_policy(Bucket=name)
    except ClientError as error:
        if error_code(error) != "NoSuchBucketPolicy":
            raise
    return told[-1]
