"""What sends outcomes to people: one message to every channel, each once and in its own time.

An e-mail, and chat where configured; none is kept back by another's failure.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import urllib3

from rootwarden.aws import clients
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.clients import DEADLINE, logger, refusals
from rootwarden.aws.function import QueueMessage
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.claims import Claims, RetryLater, claimed
from rootwarden.contract.functions import lease
from rootwarden.contract.settings import NotifySettings
from rootwarden.events import Envelope
from rootwarden.messages.compose import compose
from rootwarden.messages.message import Guidance, Message
from rootwarden.messages.writing import write_amazon_q, write_email, write_slack
from rootwarden.refusals import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

# How many seconds a channel takes at worst: three tries at a topic, or at the secret, and one post.
_TOPIC = 15.0
_WEBHOOK = 15.0 + 8.0
_SLACK_TIMEOUT = urllib3.Timeout(connect=3, read=5)
_OK = 200
_TOO_MANY = 429
_LEASE = lease("notify")
_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Channel:
    """A way to reach people. send raises NotTaken, CallRefused or RetryLater, within so many seconds."""

    name: str
    send: Callable[[Message], None]
    seconds: float = 0.0


class NotTaken(Exception):
    """When a channel does not take a message."""


class NotDelivered(Exception):
    """When some channel did not take a message; the others have it."""


def deliver(
    message: Message,
    event_id: str,
    channels: Sequence[Channel],
    claims: Claims,
    seconds_left: Callable[[], float] = lambda: math.inf,
) -> None:
    """Send to each channel that has not had this event yet; raises NotDelivered after trying all.

    A channel that could hang for longer than there is time is left to the next attempt. Raises AlreadyDone
    where every channel has had the event, and RetryLater while another attempt is sending it.
    """
    with claimed(claims, event_id, lease=_LEASE, remember=_REMEMBERED) as claim:
        had = set(filter(None, (claim.note or "").split(",")))
        missing = [channel for channel in channels if channel.name not in had]
        failures: list[str] = []
        try:
            for channel in missing:
                failure = _failure(channel, message, seconds_left())
                had |= set() if failure else {channel.name}
                failures += [failure] if failure else []
        finally:
            # One call for all channels: an attempt that dies before it repeats its messages, and loses none.
            if len(had) < len(channels):
                claims.note(event_id, ",".join(sorted(had)))
        if failures:
            raise NotDelivered("; ".join(failures))


def _failure(channel: Channel, message: Message, seconds_left: float) -> str | None:
    """Send to one channel; return why it does not have the message, None where it has."""
    if seconds_left < channel.seconds:
        return f"{channel.name}: not tried, {seconds_left:.0f} s are left"
    try:
        channel.send(message)
    except (NotTaken, CallRefused, RetryLater) as error:
        return f"{channel.name}: {error}"
    return None


@dataclass(frozen=True)
class Notifications:
    """What becomes of the function's messages."""

    settings: NotifySettings
    guidance: Guidance
    channels: tuple[Channel, ...]
    claims: ClaimsTable

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Notifications":
        """Put everything together; raises InvalidSetting."""
        settings = NotifySettings.from_environment(environ)
        table = StateTable(clients.dynamodb(), settings.state_table_name)
        guidance = Guidance(
            name_prefix=settings.name_prefix,
            observes_only=not settings.hardening_modes.may_enforce,
            owner_tag=settings.owner_tag,
            runbook_url=settings.runbook_url,
            start_url=settings.identity_center_start_url,
            permission_set=settings.identity_center_permission_set,
        )
        return cls(settings, guidance, _channels(settings), ClaimsTable(table, KeyKind.MESSAGE))

    def handle(self, received: QueueMessage) -> None:
        """Send the outcome in a message to every channel; raises NotDelivered."""
        envelope = Envelope.from_json(received.body)
        message = compose(envelope, self.guidance)
        if message is None:
            logger.info("no notification needed", detail_type=envelope.detail_type)
            return
        outcome, title = envelope.event_id, message.title
        try:
            deliver(message, outcome, self.channels, self.claims, DEADLINE.seconds_left)
        except NotDelivered as error:
            logger.error("notification not taken", outcome=outcome, title=title, why=str(error))
            raise
        channels = [channel.name for channel in self.channels]
        logger.info("notification sent", outcome=outcome, title=title, channels=channels)


def _channels(settings: NotifySettings) -> tuple[Channel, ...]:
    sns, alert_topic, chat_topic = clients.sns(), settings.alert_topic_arn, settings.chat_topic_arn
    channels = [Channel("email", lambda a: send_email(sns, alert_topic, a), _TOPIC)]
    if chat_topic:
        channels.append(Channel("chat", lambda a: send_chat(sns, chat_topic, write_amazon_q(a)), _TOPIC))
    if settings.slack_webhook_secret_arn:
        webhook = SlackWebhook(
            clients.secretsmanager(), settings.slack_webhook_secret_arn, urllib3.PoolManager()
        )
        channels.append(Channel("slack", lambda a: webhook.post(write_slack(a)), _WEBHOOK))
    return tuple(channels)


def send_email(client: "SNSClient", topic_arn: str, message: Message) -> None:
    """Publish an e-mail to the alert topic, with what subscriptions filter by; raises CallRefused."""
    email = write_email(message)
    with refusals():
        client.publish(
            TopicArn=topic_arn,
            Subject=email.subject,
            Message=email.body,
            MessageAttributes=_attributes(message),
        )


def send_chat(client: "SNSClient", topic_arn: str, document: str) -> None:
    """Publish an Amazon Q notification to the chat topic; raises CallRefused."""
    with refusals():
        client.publish(TopicArn=topic_arn, Message=document)


def _attributes(message: Message) -> "dict[str, MessageAttributeValueTypeDef]":
    """Return what is known of severity, activity, account, and the units from the root down."""
    account = message.account
    texts = {
        "severity": message.severity.value,
        "activity": message.activity,
        "account": account.account_id,
    }
    attributes: dict[str, MessageAttributeValueTypeDef] = {
        name: {"DataType": "String", "StringValue": text} for name, text in texts.items() if text
    }
    if account.organizational_units:
        units = json.dumps(account.organizational_units)
        attributes["unit"] = {"DataType": "String.Array", "StringValue": units}
    return attributes


@dataclass(frozen=True)
class SlackWebhook:
    """A Slack incoming webhook. Its URL is a secret: kept in Secrets Manager, never logged.

    It is read for each message, so that a new one works at once.
    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
    """

    secrets: "SecretsManagerClient"
    secret_arn: str
    http: urllib3.PoolManager

    def post(self, message: dict[str, object]) -> None:
        """Post a message; raises NotTaken, CallRefused, and RetryLater when Slack asks to slow down.

        No error names the URL.
        """
        with refusals():
            secret = self.secrets.get_secret_value(SecretId=self.secret_arn)
        url = secret.get("SecretString", "").strip()
        if not url.startswith(("https://", "http://127.0.0.1:")):
            raise NotTaken(f"the secret {self.secret_arn} holds no https:// address")
        try:
            answer = self.http.request("POST", url, json=message, timeout=_SLACK_TIMEOUT, retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise NotTaken(f"Slack cannot be reached: {type(error).__name__}") from None
        if answer.status == _TOO_MANY:
            wait = answer.headers.get("Retry-After", "some")
            raise RetryLater(f"Slack asks to wait {wait} seconds")
        if answer.status != _OK:
            raise NotTaken(f"Slack answered {answer.status}: {answer.data[:200]!r}")
