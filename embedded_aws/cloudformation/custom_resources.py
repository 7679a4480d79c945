"""CDK's AwsCustomResource: AWS calls made while a stack is deployed."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.iam.roles import role_allows

# Names of SDK clients that boto3 has other names for.
_SERVICE_NAMES = {"cloudwatch-logs": "logs", "eventbridge": "events", "sfn": "stepfunctions"}


class CustomResourceError(RuntimeError):
    """When an AWS call of a custom resource fails; the message is AWS's own."""


def _aws_call(resource: Resource) -> Created:
    """Make the call a custom resource asks for at its creation; what it answers are attributes."""
    written = resource.properties.get("Create")
    if not written:
        return Created(reference=resource.logical_id)
    call = json.loads(written) if isinstance(written, str) else written
    attributes = dict(_flattened(_made(call, resource)))
    identity = call.get("physicalResourceId", {})
    reference = identity.get("id") or attributes.get(identity.get("responsePath"), resource.logical_id)
    return Created(reference=str(reference), attributes=attributes)


def _made(call: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    token, operation = resource.properties["ServiceToken"], xform_name(call["action"].removesuffix("Command"))
    role = resource.client("lambda").get_function(FunctionName=token)["Configuration"]["Role"]
    if operation == "activate_organizations_access":
        return _activated(role, resource)
    region = call.get("region", resource.stack.region)
    client = resource.deployment.role_client(_service(call["service"]), role, region)
    try:
        answer: dict[str, Any] = getattr(client, operation)(**call.get("parameters", {}))
    except ClientError as error:
        ignored = call.get("ignoreErrorCodesMatching")
        if ignored and re.search(ignored, error.response["Error"]["Code"]):
            return {}
        raise CustomResourceError(str(error)) from error
    del answer["ResponseMetadata"]
    return answer


def _activated(role: str, resource: Resource) -> dict[str, Any]:
    """Let stack sets reach accounts; moto does not, and its CloudFormation takes seconds to import."""
    action = "cloudformation:ActivateOrganizationsAccess"
    if not role_allows(role, action=action, resource="*"):
        raise CustomResourceError(f"{role} is not authorized to perform: {action} on resource: *")
    resource.deployment.stack_sets.activate()
    return {}


def _service(name: str) -> str:
    """Return boto3's name for a service: `IAM`, `iam`, `@aws-sdk/client-iam` are all one."""
    short = name.removeprefix("@aws-sdk/client-").lower()
    return _SERVICE_NAMES.get(short, short)


def _flattened(answer: object, path: str = "") -> Iterator[tuple[str, object]]:
    items = answer.items() if isinstance(answer, dict) else enumerate(answer)  # type: ignore[arg-type]
    for key, value in items:
        place = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict | list):
            yield from _flattened(value, place)
        else:
            yield place, value


CREATORS: dict[str, Creator] = {"Custom::AWS": _aws_call}
