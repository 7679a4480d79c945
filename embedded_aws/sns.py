"""What people would get: e-mails of SNS subscriptions, chat messages of Amazon Q."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import Subscription, Topic

from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.moto_patches import patched

# ASCII, beginning with a letter, digit or punctuation mark, without control characters.
_SUBJECT = re.compile(r"[!-~][ -~]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message as a person would receive it; `channel` is "email", "chat" or no part of AWS."""

    channel: str
    to: str
    subject: str | None
    body: str
    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)


class Messages:
    """Every message sent; a chat channel shows only documents of Amazon Q's own schema."""

    def __init__(self) -> None:
        """Start with no chat channel connected."""
        self.sent: list[Message] = []
        self._channels: dict[str, list[str]] = {}

    def connect_channel(self, topic_arn: str, channel: str) -> None:
        """Show what is published to a topic in a chat channel."""
        self._channels.setdefault(topic_arn, []).append(channel)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Watch moto's topics for as long as the context lasts."""
        publish, hand_over = Topic.publish, Subscription.publish

        def published(topic: Topic, message: str, subject: str | None = None, **rest: Any) -> str:
            if subject is not None and not _SUBJECT.fullmatch(subject):
                raise SNSInvalidParameter("Invalid parameter: Subject")
            if _is_chat_document(message):
                for channel in self._channels.get(topic.arn, []):
                    _count_delivery(topic)
                    self.sent.append(Message(channel="chat", to=channel, subject=None, body=message))
            return publish(topic, message, subject, **rest)

        def handed_over(
            subscription: Subscription,
            message: str,
            message_id: str,
            subject: str | None = None,
            **rest: Any,
        ) -> None:
            if subscription.protocol == "email":
                if not _passes(subscription, message, rest.get("message_attributes")):
                    return
                to = subscription.endpoint
                _count_delivery(subscription.topic)
                self.sent.append(Message(channel="email", to=to, subject=subject, body=message))
            else:
                hand_over(subscription, message, message_id, subject, **rest)

        with (
            patched(Topic, "publish", published),
            patched(Subscription, "publish", handed_over),
        ):
            yield


def _passes(subscription: Subscription, message: str, attributes: Any) -> bool:
    matcher = subscription._filter_policy_matcher  # noqa: SLF001 # moto asks it for other protocols only
    return matcher is None or bool(matcher.matches(attributes, message))


def _count_delivery(topic: Topic) -> None:
    """Count a delivery where CloudWatch has SNS's own figures."""
    backend = cloudwatch_backends[topic.account_id][topic.sns_backend.region_name]
    figure = {
        "MetricName": "NumberOfNotificationsDelivered",
        "Dimensions": [{"Name": "TopicName", "Value": topic.name}],
        # As moto compares times: without a zone.
        "Timestamp": datetime.now(UTC).replace(tzinfo=None),
        "Value": 1,
        "Unit": "Count",
    }
    backend.put_metric_data("AWS/SNS", [figure])


def _is_chat_document(message: str) -> bool:
    try:
        document = json.loads(message)
    except ValueError:
        return False
    if not isinstance(document, dict):
        return False
    if "AlarmName" in document:
        return True
    content = document.get("content")
    is_custom = document.get("version") == "1.0" and document.get("source") == "custom"
    return is_custom and isinstance(content, dict) and "description" in content


def _topic(resource: Resource) -> Created:
    attributes = resource.settings("DisplayName", "KmsMasterKeyId", besides=("TopicName", "Subscription"))
    name, client = resource.name("TopicName", longest=256), resource.client("sns")
    arn = client.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    for subscription in resource.properties.get("Subscription", []):
        client.subscribe(TopicArn=arn, **subscription)
    return Created(reference=arn, attributes={"TopicArn": arn, "TopicName": name})


def _subscription(resource: Resource) -> Created:
    settings = resource.settings("Endpoint", "Protocol", "TopicArn", besides=("FilterPolicy",))
    policy = resource.properties.get("FilterPolicy")
    filtered = {"Attributes": {"FilterPolicy": json.dumps(policy)}} if policy else {}
    subscribe = resource.client("sns").subscribe
    arn = subscribe(**settings, **filtered, ReturnSubscriptionArn=True)["SubscriptionArn"]
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
