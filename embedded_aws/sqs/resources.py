"""Queues: how they come into being, and how one is found."""

import json
from collections.abc import Mapping
from typing import Any

from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import Message, Queue, sqs_backends
from moto.utilities.arns import parse_arn

from embedded_aws.cloudformation.resource import Created, Creator, Resource


def queue_at(arn: str) -> Queue | None:
    """Return the queue an ARN names, if it exists."""
    parsed = parse_arn(arn)
    try:
        return sqs_backends[parsed.account][parsed.region].get_queue(parsed.resource_id)
    except QueueDoesNotExist:
        return None


def put(queue: Queue, body: str, attributes: Mapping[str, Any] | None = None) -> Message:
    """Put a message into a queue, without asking its policy."""
    backend = sqs_backends[queue.account_id][queue.region]
    return backend.send_message(queue.name, body, message_attributes=dict(attributes or {}))


_ATTRIBUTES = (
    *("DelaySeconds", "KmsMasterKeyId", "MessageRetentionPeriod", "RedrivePolicy", "SqsManagedSseEnabled"),
    "VisibilityTimeout",
)


def _queue(resource: Resource) -> Created:
    settings = resource.settings(*_ATTRIBUTES, besides=("QueueName",))
    name = resource.name("QueueName", longest=80)
    attributes = {key: _text(value) for key, value in settings.items()}
    url = resource.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return Created(
        reference=url,
        attributes={"Arn": resource.arn("sqs", name), "QueueName": name, "QueueUrl": url},
    )


def _queue_policy(resource: Resource) -> Created:
    resource.expect("Queues", "PolicyDocument")
    policy = json.dumps(resource.properties["PolicyDocument"])
    for url in resource.properties["Queues"]:
        resource.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Created(reference=resource.logical_id)


def _text(value: Any) -> str:
    if isinstance(value, bool | dict):
        return json.dumps(value)
    return str(value)


CREATORS: dict[str, Creator] = {
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
}
