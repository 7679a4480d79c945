"""What sends outcomes to people, made from the function's settings: an e-mail, and chat where configured."""

from collections.abc import Mapping
from dataclasses import dataclass

import urllib3

from rootwarden.aws import clients
from rootwarden.aws.deadline import DEADLINE
from rootwarden.aws.observability import logger
from rootwarden.aws.slack_webhook import SlackWebhook
from rootwarden.aws.sns import AlertTopics
from rootwarden.aws.state_table import ClaimsTable, StateTable
from rootwarden.events import Envelope
from rootwarden.messages.chat import write_amazon_q, write_slack
from rootwarden.messages.compose import compose
from rootwarden.messages.delivery import Channel, NotDelivered, deliver
from rootwarden.messages.email import write_email
from rootwarden.outcomes import utc_now
from rootwarden.settings import NotifySettings

# How many seconds a channel takes at worst: three tries at a topic, or at the secret, and one post.
_TOPIC = 15.0
_WEBHOOK = 15.0 + 8.0


@dataclass(frozen=True)
class Notifications:
    """What becomes of the function's messages."""

    settings: NotifySettings
    channels: tuple[Channel, ...]
    claims: ClaimsTable

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Notifications":
        """Put everything together; raises InvalidSetting."""
        settings = NotifySettings.from_environment(environ)
        table = StateTable(clients.dynamodb(), settings.state_table_name)
        return cls(settings, _channels(settings), ClaimsTable(table, "MESSAGE", utc_now))

    def handle(self, body: str) -> None:
        """Send the outcome in a message to every channel; raises NotDelivered."""
        envelope = Envelope.from_json(body)
        announcement = compose(envelope)
        if announcement is None:
            logger.info("no notification needed", detail_type=envelope.detail_type)
            return
        outcome, title = envelope.event_id, announcement.title
        try:
            deliver(announcement, outcome, self.channels, self.claims, DEADLINE.seconds_left)
        except NotDelivered as error:
            logger.error("notification not sent", outcome=outcome, title=title, why=str(error))
            raise
        channels = [channel.name for channel in self.channels]
        logger.info("notification sent", outcome=outcome, title=title, channels=channels)


def _channels(settings: NotifySettings) -> tuple[Channel, ...]:
    topics = AlertTopics(clients.sns())
    alert_topic, chat_topic = settings.alert_topic_arn, settings.chat_topic_arn
    channels = [Channel("email", lambda a: topics.send_email(alert_topic, write_email(a)), _TOPIC)]
    if chat_topic:
        channels.append(Channel("chat", lambda a: topics.send_chat(chat_topic, write_amazon_q(a)), _TOPIC))
    if settings.slack_webhook_secret_arn:
        webhook = SlackWebhook(
            clients.secretsmanager(), settings.slack_webhook_secret_arn, urllib3.PoolManager()
        )
        channels.append(Channel("slack", lambda a: webhook.post(write_slack(a)), _WEBHOOK))
    return tuple(channels)
