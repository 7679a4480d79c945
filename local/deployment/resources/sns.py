"""Amazon SNS resources."""

import json

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _topic(resource: Resource) -> Created:
    resource.expect("TopicName", "DisplayName", "KmsMasterKeyId", "Subscription")
    name, client = resource.name("TopicName", longest=256), resource.client("sns")
    arn = client.create_topic(Name=name, Attributes=resource.some("DisplayName", "KmsMasterKeyId"))[
        "TopicArn"
    ]
    for subscription in resource.properties.get("Subscription", []):
        client.subscribe(TopicArn=arn, **subscription)
    return Created(reference=arn, attributes={"TopicArn": arn, "TopicName": name})


def _subscription(resource: Resource) -> Created:
    attributes = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")
    resource.expect("Endpoint", "Protocol", "TopicArn", "Region", *attributes)
    arn = resource.client("sns").subscribe(
        **resource.some("Endpoint", "Protocol", "TopicArn"),
        Attributes={
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in resource.some(*attributes).items()
        },
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(reference=arn, attributes={"Arn": arn})


def _topic_policy(resource: Resource) -> Created:
    resource.expect("Topics", "PolicyDocument")
    policy = json.dumps(resource.properties["PolicyDocument"])
    for arn in resource.properties["Topics"]:
        resource.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=policy
        )
    return Created(reference=resource.logical_id)


CREATORS: dict[str, Creator] = {
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::TopicPolicy": _topic_policy,
}
