"""The ways alerts reach people: what notify is configured for, and who is subscribed."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from rootctl.aws import AwsSession, region_of
from rootctl.hub import Hub
from rootctl.output import read_json
from rootctl.printed_commands import as_caller
from rootwarden.aws.clients import refusals
from rootwarden.aws.sns import subscribers_of
from rootwarden.report.deployment_checks import Subscription

_CHAT, _WEBHOOK = "CHAT_TOPIC_ARN", "SLACK_WEBHOOK_SECRET_ARN"
# What notify calls the way through the topic, for every protocol.
_TOPIC = "email"


@dataclass(frozen=True, kw_only=True)
class AlertChannel:
    """One way. stands: None where a channel knows no subscribing; remedy: what has it subscribed.

    name: what notify calls the way.
    """

    kind: str
    address: str
    name: str
    stands: Subscription | None = None
    remedy: str | None = None

    @property
    def is_confirmed(self) -> bool | None:
        """Say whether what is sent arrives, as far as AWS knows; None where there is nothing to confirm."""
        return None if self.stands is None else self.stands is Subscription.CONFIRMED


def alert_channels(hub: Hub) -> tuple[AlertChannel, ...]:
    """Return every channel that is configured; raises CallRefused and NoHub."""
    environment = settings_of(hub.session, hub.output("NotifyFunction"))
    found = [*_subscribers(hub, hub.output("AlertTopicArn"))]
    if _CHAT in environment:
        found.append(AlertChannel(kind="chat by Amazon Q Developer", address=environment[_CHAT], name="chat"))
    if _WEBHOOK in environment:
        found.append(
            AlertChannel(kind="Slack webhook", address=f"URL in {environment[_WEBHOOK]}", name="slack")
        )
    return tuple(found)


def settings_of(session: AwsSession, function: str) -> Mapping[str, str]:
    """Return a function's environment; raises CallRefused."""
    with refusals():
        answer = session.client("lambda").get_function_configuration(FunctionName=function)
    variables: Mapping[str, str] = answer.get("Environment", {}).get("Variables", {})
    return variables


def _subscribers(hub: Hub, topic: str) -> list[AlertChannel]:
    found = [
        AlertChannel(
            kind=each.protocol,
            address=each.address,
            name=_TOPIC,
            stands=each.stands,
            remedy=subscribe_command(topic, each.protocol, each.address),
        )
        for each in subscribers_of(hub.session.client("sns"), topic)
        if each.stands is not Subscription.NONE
    ]
    known = {each.address.lower() for each in found if each.kind == "email"}
    return found + [
        AlertChannel(
            kind="email",
            address=address,
            name=_TOPIC,
            stands=Subscription.NONE,
            remedy=subscribe_command(topic, "email", address),
        )
        for address in _configured(hub)
        if address.lower() not in known
    ]


def _configured(hub: Hub) -> list[str]:
    # A hub deployed by an earlier version does not say it.
    text = hub.outputs.get("AlertEmails", "[]")
    emails = read_json(text, "AlertEmails")
    return [str(each) for each in emails] if isinstance(emails, list) else []


def subscribe_command(topic: str, protocol: str, address: str) -> str:
    """Return the command that asks an address to subscribe, or asks it again."""
    return as_caller(
        f"aws sns subscribe --region {region_of(topic)} --topic-arn {topic} --protocol {protocol}"
        f" --notification-endpoint {shlex.quote(address)}"
    )
