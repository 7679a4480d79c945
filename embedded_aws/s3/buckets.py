"""ListBuckets as AWS answers it: with Regions and page by page where it is asked with a parameter."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, s3_backends

from embedded_aws.calls import Call
from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.moto_patches import patched

_MOST = 10_000
_PARAMETERS = ("BucketRegion", "ContinuationToken", "MaxBuckets", "Prefix")


def answer(call: Call) -> dict[str, Any] | None:
    """Answer ListBuckets; None for everything else."""
    if call.operation != "ListBuckets":
        return None
    parameters = call.parameters
    with_regions = any(name in parameters for name in _PARAMETERS)
    kept = s3_backends[call.account][call.partition].buckets.values()
    buckets = [
        {
            "Name": bucket.name,
            "CreationDate": bucket.creation_date,
            **({"BucketRegion": bucket.region_name} if with_regions else {}),
        }
        for bucket in sorted(kept, key=lambda bucket: str(bucket.name))
        if bucket.name.startswith(parameters.get("Prefix", ""))
        and bucket.region_name == parameters.get("BucketRegion", bucket.region_name)
        and bucket.name > parameters.get("ContinuationToken", "")
    ]
    most = int(parameters.get("MaxBuckets", _MOST))
    more = {"ContinuationToken": buckets[most - 1]["Name"]} if len(buckets) > most else {}
    return {"Buckets": buckets[:most], "Owner": {"ID": call.account}, **more}


@contextmanager
def bucket_policies_judged() -> Iterator[None]:
    """Leave bucket policies to the front door, which knows who asks, for as long as the context lasts."""
    with patched(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL):
        yield


def _bucket(resource: Resource) -> Created:
    resource.expect(
        *("BucketName", "BucketEncryption", "LifecycleConfiguration", "ObjectLockConfiguration"),
        *("ObjectLockEnabled", "OwnershipControls", "PublicAccessBlockConfiguration"),
        "VersioningConfiguration",
    )
    # Bucket names are lower case, which logical ids are not.
    name = resource.name("BucketName", longest=63).lower()
    client, region = resource.client("s3"), resource.stack.region
    place = {"LocationConstraint": region} if region != "us-east-1" else None
    client.create_bucket(
        Bucket=name,
        ObjectLockEnabledForBucket=bool(resource.properties.get("ObjectLockEnabled")),
        **({"CreateBucketConfiguration": place} if place else {}),
    )
    _configure(client, name, resource.properties)
    domain = f"{name}.s3.amazonaws.com"
    arn = f"arn:aws:s3:::{name}"
    return Created(reference=name, attributes={"Arn": arn, "DomainName": domain})


def _configure(client: Any, bucket: str, properties: Mapping[str, Any]) -> None:
    for name, put in (
        ("VersioningConfiguration", client.put_bucket_versioning),
        ("ObjectLockConfiguration", client.put_object_lock_configuration),
        ("PublicAccessBlockConfiguration", client.put_public_access_block),
        ("OwnershipControls", client.put_bucket_ownership_controls),
    ):
        if name in properties:
            put(Bucket=bucket, **{name: properties[name]})
    encryption = properties.get("BucketEncryption")
    if encryption:
        rules = {"Rules": [_encryption_rule(r) for r in encryption["ServerSideEncryptionConfiguration"]]}
        client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    lifecycle = properties.get("LifecycleConfiguration")
    if lifecycle:
        rules = {"Rules": [_lifecycle_rule(rule) for rule in lifecycle["Rules"]]}
        client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)


# The API spells what rules say differently.
def _encryption_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    algorithm = rule["ServerSideEncryptionByDefault"]
    kept = {key: value for key, value in rule.items() if key != "ServerSideEncryptionByDefault"}
    return {"ApplyServerSideEncryptionByDefault": algorithm, **kept}


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    spelled = {
        "ID": rule["Id"],
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
        "Expiration": {"Days": rule["ExpirationInDays"]},
        "NoncurrentVersionExpiration": rule["NoncurrentVersionExpiration"],
    }
    multipart = rule.get("AbortIncompleteMultipartUpload")
    if multipart:
        spelled["AbortIncompleteMultipartUpload"] = multipart
    return spelled


def _bucket_policy(resource: Resource) -> Created:
    resource.expect("Bucket", "PolicyDocument")
    bucket = resource.properties["Bucket"]
    policy = json.dumps(resource.properties["PolicyDocument"])
    resource.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    return Created(reference=bucket)


CREATORS: dict[str, Creator] = {
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
}
