"""Amazon SQS resources."""

import json
from typing import Any

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created

_ATTRIBUTES = (
    "DelaySeconds",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


def _queue(resource: Resource) -> Created:
    resource.expect("QueueName", *_ATTRIBUTES)
    name = resource.name("QueueName", longest=80)
    attributes = {key: _text(value) for key, value in resource.some(*_ATTRIBUTES).items()}
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
