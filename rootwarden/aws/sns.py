"""Amazon SNS: what is sent to topics, and who is subscribed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootwarden.aws.errors import refusals
from rootwarden.messages.email import Email
from rootwarden.report.deployment_checks import Subscription

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


@dataclass(frozen=True)
class AlertTopics:
    """The alert topic (e-mail, pagers) and the chat topic that Amazon Q Developer reads."""

    client: "SNSClient"

    def send_email(self, topic_arn: str, email: Email) -> None:
        """Publish an e-mail to the alert topic; raises CallRefused."""
        with refusals():
            self.client.publish(TopicArn=topic_arn, Subject=email.subject, Message=email.body)

    def send_chat(self, topic_arn: str, document: str) -> None:
        """Publish an Amazon Q notification to the chat topic; raises CallRefused."""
        with refusals():
            self.client.publish(TopicArn=topic_arn, Message=document)


_PENDING = "PendingConfirmation"


def stands(subscription: "SubscriptionTypeDef") -> Subscription:
    """Return how a subscription stands; one that was ended may be listed as `Deleted` for days."""
    arn = subscription.get("SubscriptionArn", "")
    if arn.startswith("arn:"):
        return Subscription.CONFIRMED
    return Subscription.PENDING if arn == _PENDING else Subscription.NONE


def subscriptions_of(client: "SNSClient", topic: str) -> "list[SubscriptionTypeDef]":
    """Return every subscription of a topic; raises CallRefused."""
    paginator = client.get_paginator("list_subscriptions_by_topic")
    with refusals():
        return [each for page in paginator.paginate(TopicArn=topic) for each in page["Subscriptions"]]


def email_recipients(client: "SNSClient", topic: str) -> dict[str, Subscription]:
    """Return how each e-mail address of a topic stands, at its best; raises CallRefused."""
    best = list(Subscription)
    found: dict[str, Subscription] = {}
    for each in subscriptions_of(client, topic):
        if each.get("Protocol") == "email":
            address = each.get("Endpoint", "")
            found[address] = min(stands(each), found.get(address, Subscription.NONE), key=best.index)
    return found
