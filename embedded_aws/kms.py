"""Whether an AWS service may use the key that encrypts a queue or topic."""

import json
from collections.abc import Mapping

from moto.kms.models import kms_backends
from moto.utilities.arns import Arn

from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.iam.resource_policies import Caller, Question, permits

_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")


def may_encrypt(
    key_id: str | None,
    encrypted: Arn,
    context: Mapping[str, str],
    *,
    service: str = "events.amazonaws.com",
) -> bool:
    """Say whether a service may write to what this key encrypts.

    Without a key anything goes. AWS-managed keys cannot be opened to services: events and alarms
    sent to a queue or topic encrypted with one fail, which is easily overlooked.
    """
    if not key_id:
        return True
    if key_id.startswith("alias/aws/"):
        return False
    backend = kms_backends[encrypted.account][encrypted.region]
    key = backend.describe_key(key_id.rpartition("key/")[2])
    return all(
        permits(key.policy, Question(Caller(service=service), action, key.arn, context))
        for action in _ACTIONS
    )


def _key(resource: Resource) -> Created:
    settings = resource.settings("Description", besides=("KeyPolicy", "EnableKeyRotation"))
    properties, client = resource.properties, resource.client("kms")
    policy = json.dumps(properties["KeyPolicy"])
    metadata = client.create_key(Policy=policy, **settings)["KeyMetadata"]
    if properties.get("EnableKeyRotation"):
        client.enable_key_rotation(KeyId=metadata["KeyId"])
    return Created(reference=metadata["KeyId"], attributes={"Arn": metadata["Arn"]})


CREATORS: dict[str, Creator] = {"AWS::KMS::Key": _key}
