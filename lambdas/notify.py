"""notify: an outcome event → an e-mail, and a chat message where chat is configured."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import urllib3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.function import logger
from rootwarden.aws.slack_webhook import SlackWebhook
from rootwarden.aws.sns import AlertTopics
from rootwarden.aws.sqs import process_messages
from rootwarden.aws.state_table import ClaimsTable, KeyKind, StateTable
from rootwarden.contract.settings import NotifySettings
from rootwarden.events import Envelope
from rootwarden.messages.chat import write_amazon_q, write_slack
from rootwarden.messages.compose import compose
from rootwarden.messages.delivery import Channel, NotDelivered, deliver
from rootwarden.messages.email import write_email
from rootwarden.outcomes import utc_now

# How many seconds a channel takes at worst: three tries at a topic, or at the secret, and one post.
_TOPIC = 15.0
_WEBHOOK = 15.0 + 8.0


@dataclass(frozen=True)
class _Function:
    settings: NotifySettings
    channels: tuple[Channel, ...]
    claims: ClaimsTable

    def handle(self, body: str, _attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - the queue's order
        envelope = Envelope.from_json(body)
        announcement = compose(envelope)
        if announcement is None:
            logger.info("nobody needs to be told", detail_type=envelope.detail_type)
            return
        outcome, title = envelope.event_id, announcement.title
        try:
            deliver(announcement, outcome, self.channels, self.claims, DEADLINE.seconds_left)
        except NotDelivered as error:
            logger.error("notification not taken", outcome=outcome, title=title, why=str(error))
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


@cache
def _function() -> _Function:
    settings = NotifySettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    return _Function(settings, _channels(settings), ClaimsTable(table, KeyKind.MESSAGE, utc_now))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Tell people of the outcomes in the messages; report the messages to try again."""
    function = _function()
    return process_messages(
        event, context, handle=function.handle, sqs=clients.sqs_putting_off(), settings=function.settings
    )
