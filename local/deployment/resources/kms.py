"""AWS KMS resources."""

import json

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _key(resource: Resource) -> Created:
    settings = ("Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin")
    # A pending window matters only when the key is deleted.
    resource.expect("KeyPolicy", "EnableKeyRotation", "PendingWindowInDays", "Enabled", *settings)
    properties, client = resource.properties, resource.client("kms")
    metadata = client.create_key(Policy=json.dumps(properties["KeyPolicy"]), **resource.some(*settings))[
        "KeyMetadata"
    ]
    if properties.get("EnableKeyRotation"):
        client.enable_key_rotation(KeyId=metadata["KeyId"])
    return Created(
        reference=metadata["KeyId"],
        attributes={"Arn": metadata["Arn"], "KeyId": metadata["KeyId"]},
    )


def _alias(resource: Resource) -> Created:
    resource.expect("AliasName", "TargetKeyId")
    resource.client("kms").create_alias(**resource.some("AliasName", "TargetKeyId"))
    return Created(reference=resource.properties["AliasName"])


CREATORS: dict[str, Creator] = {"AWS::KMS::Key": _key, "AWS::KMS::Alias": _alias}
