"""Amazon SNS: who is subscribed to a topic."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootwarden.aws.clients import refusals
from rootwarden.report.deployment_checks import Subscription

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef


_PENDING = "PendingConfirmation"


@dataclass(frozen=True)
class Subscriber:
    """Who is to get what a topic sends, by which protocol, and whether the address gets it."""

    protocol: str
    address: str
    stands: Subscription


def _stands(subscription: "SubscriptionTypeDef") -> Subscription:
    # One that was ended may be listed as `Deleted` for days.
    arn = subscription.get("SubscriptionArn", "")
    if arn.startswith("arn:"):
        return Subscription.CONFIRMED
    return Subscription.PENDING if arn == _PENDING else Subscription.NONE


def subscribers_of(client: "SNSClient", topic: str) -> list[Subscriber]:
    """Return every subscription of a topic; raises CallRefused."""
    paginator = client.get_paginator("list_subscriptions_by_topic")
    with refusals():
        return [
            Subscriber(each.get("Protocol", ""), each.get("Endpoint", ""), _stands(each))
            for page in paginator.paginate(TopicArn=topic)
            for each in page["Subscriptions"]
        ]


def email_recipients(client: "SNSClient", topic: str) -> dict[str, Subscription]:
    """Return how each e-mail address of a topic stands, at its best; raises CallRefused."""
    best = list(Subscription)
    found: dict[str, Subscription] = {}
    for each in subscribers_of(client, topic):
        if each.protocol == "email":
            before = found.get(each.address, Subscription.NONE)
            found[each.address] = min(each.stands, before, key=best.index)
    return found
