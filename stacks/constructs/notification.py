"""Slack by Amazon Q Developer in chat applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from rootwarden.contract.event_patterns import OUTCOMES
from stacks.constructs.queued_function import QueuedFunction, Work

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from stacks.constructs.foundation import Foundation


class Chat(Construct):
    """A topic of its own, because chat silently drops what is not in its schema, and its channel."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        workspace_id: str,
        channel_id: str,
        key: kms.IKey,
    ) -> None:
        """Connect the channel; the workspace must have been authorised once in the console."""
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        # The channel only shows messages: its role may do nothing, and the guard rail keeps it so.
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("chatbot.amazonaws.com"))
        chatbot.CfnSlackChannelConfiguration(
            self,
            "Channel",
            configuration_name="rootwarden",
            slack_workspace_id=workspace_id,
            slack_channel_id=channel_id,
            iam_role_arn=role.role_arn,
            guardrail_policies=[f"arn:{Stack.of(self).partition}:iam::aws:policy/AWSDenyAll"],
            sns_topic_arns=[self.topic.topic_arn],
            logging_level="ERROR",
            user_role_required=False,
        )


_WORK = Work(
    handler="lambdas.notify.handler",
    # Three channels, each of which may hang for its own time; and no neighbour to keep waiting.
    timeout_seconds=60,
    batch_size=1,
    max_receive_count=6,
)


class Notification(Construct):
    """Outcomes → queue → notify → e-mail, and Slack in the ways configured."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the function with the channels configured and put outcomes on its queue."""
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        chat = self._chat(foundation)
        topics: dict[str, sns.ITopic] = {"ALERT_TOPIC_ARN": foundation.alerts}
        if chat:
            topics["CHAT_TOPIC_ARN"] = chat.topic
        secret_arn = configuration.slack.webhook_secret_arn
        self.work = queued = QueuedFunction(
            self,
            "Notify",
            work=_WORK,
            foundation=foundation,
            environment={
                **{variable: topic.topic_arn for variable, topic in topics.items()},
                **({"SLACK_WEBHOOK_SECRET_ARN": secret_arn} if secret_arn else {}),
            },
        )
        queued.subscribe([OUTCOMES])
        foundation.state.grant_claim(queued.role)
        foundation.key.grant_use(queued.role, writes=True)
        _grant_publish(queued.role, [topic.topic_arn for topic in topics.values()])
        if secret_arn:
            _grant_read_secret(queued.role, secret_arn)

    def _chat(self, foundation: Foundation) -> Chat | None:
        slack = foundation.configuration.slack
        if not (slack.workspace_id and slack.channel_id):
            return None
        return Chat(
            self,
            "Chat",
            workspace_id=slack.workspace_id,
            channel_id=slack.channel_id,
            key=foundation.key,
        )


def _grant_publish(role: iam.IRole, topic_arns: list[str]) -> None:
    role.add_to_principal_policy(
        iam.PolicyStatement(sid="Publish", actions=["sns:Publish"], resources=topic_arns)
    )


def _grant_read_secret(role: iam.IRole, secret_arn: str) -> None:
    role.add_to_principal_policy(
        iam.PolicyStatement(
            sid="ReadWebhook", actions=["secretsmanager:GetSecretValue"], resources=[secret_arn]
        )
    )
