"""Amazon S3 resources."""

import json
from collections.abc import Mapping
from typing import Any

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _bucket(resource: Resource) -> Created:
    resource.expect(
        "BucketName",
        "BucketEncryption",
        "LifecycleConfiguration",
        "ObjectLockConfiguration",
        "ObjectLockEnabled",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "VersioningConfiguration",
    )
    # Bucket names are lower case, which logical ids are not.
    name = resource.name("BucketName", longest=63).lower()
    client, region = resource.client("s3"), resource.environment.region
    place = {"LocationConstraint": region} if region != "us-east-1" else None
    client.create_bucket(
        Bucket=name,
        ObjectLockEnabledForBucket=bool(resource.properties.get("ObjectLockEnabled")),
        **({"CreateBucketConfiguration": place} if place else {}),
    )
    _configure(client, name, resource.properties)
    domain = f"{name}.s3.amazonaws.com"
    arn = f"arn:{resource.environment.partition}:s3:::{name}"
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
