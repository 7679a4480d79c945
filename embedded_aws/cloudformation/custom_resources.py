"""CDK's AwsCustomResource: AWS calls made while a stack is deployed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from embedded_aws.cloudformation.resource import Created

# Names of SDK clients that boto3 has other names for.
_SERVICE_NAMES = {"cloudwatch-logs": "logs", "eventbridge": "events", "sfn": "stepfunctions"}


class CustomResourceError(RuntimeError):
    """When an AWS call of a custom resource fails; the message is AWS's own."""


def run_aws_call(
    properties: Mapping[str, Any],
    *,
    logical_id: str,
    region: str,
    client: Callable[[str, str], Any],
) -> Created:
    """Make the call a custom resource asks for at its creation; what it answers are attributes."""
    written = properties.get("Create")
    if not written:
        return Created(reference=logical_id)
    call = json.loads(written) if isinstance(written, str) else written
    answer = _made(call, client(_service(call["service"]), call.get("region", region)))
    answer.pop("ResponseMetadata", None)
    attributes = dict(_flattened(answer))
    identity = call.get("physicalResourceId", {})
    reference = identity.get("id") or attributes.get(identity.get("responsePath"), logical_id)
    return Created(reference=str(reference), attributes=attributes)


def _made(call: Mapping[str, Any], caller: Any) -> dict[str, Any]:
    operation = xform_name(call["action"].removesuffix("Command"))
    try:
        answer: dict[str, Any] = getattr(caller, operation)(**call.get("parameters", {}))
    except ClientError as error:
        ignored = call.get("ignoreErrorCodesMatching")
        if ignored and re.search(ignored, error.response["Error"]["Code"]):
            return {}
        raise CustomResourceError(str(error)) from error
    return answer


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
