"""The ways alerts reach people: what notify is configured for, and who is subscribed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from rootctl.aws import AwsSession
from rootctl.hub import Hub

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_PENDING = "PendingConfirmation"
_CHAT, _WEBHOOK = "CHAT_TOPIC_ARN", "SLACK_WEBHOOK_SECRET_ARN"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One way. is_confirmed: None where a channel knows no confirming; mend: what has it confirmed.

    name: what notify calls the way.
    """

    kind: str
    address: str
    name: str
    is_confirmed: bool | None = None
    mend: str | None = None


def alert_channels(hub: Hub) -> tuple[Channel, ...]:
    """Return every channel that is configured; raises CallRefused and NoHub."""
    environment = settings_of(hub.session, hub.output("NotifyFunction"))
    found = [*_subscribers(hub.session.client("sns"), hub.output("AlertTopicArn"))]
    if _CHAT in environment:
        found.append(Channel(kind="Slack by Amazon Q Developer", address=environment[_CHAT], name="chat"))
    if _WEBHOOK in environment:
        found.append(Channel(kind="Slack webhook", address=f"URL in {environment[_WEBHOOK]}", name="slack"))
    return tuple(found)


def settings_of(session: AwsSession, function: str) -> Mapping[str, str]:
    """Return a function's environment; raises CallRefused."""
    with refusals():
        answer = session.client("lambda").get_function_configuration(FunctionName=function)
    variables: Mapping[str, str] = answer.get("Environment", {}).get("Variables", {})
    return variables


def _subscribers(client: "SNSClient", topic: str) -> list[Channel]:
    paginator = client.get_paginator("list_subscriptions_by_topic")
    with refusals():
        found = [each for page in paginator.paginate(TopicArn=topic) for each in page["Subscriptions"]]
    return [
        Channel(
            kind=each["Protocol"],
            address=each["Endpoint"],
            name="email",
            is_confirmed=each["SubscriptionArn"] != _PENDING,
            mend=f"aws sns subscribe --topic-arn {topic} --protocol {each['Protocol']}"
            f" --notification-endpoint {each['Endpoint']}",
        )
        for each in found
    ]
