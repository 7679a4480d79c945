"""Amazon SNS: who is subscribed to a topic."""

from typing import TYPE_CHECKING

from rootwarden.aws.clients import refusals
from rootwarden.report.deployment_checks import Subscription

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


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
