"""Outcomes reach people: by e-mail, in Slack and in Microsoft Teams."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from rootwarden.contract.event_patterns import OUTCOMES
from stacks.configuration.configuration import Configuration
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import grant
from stacks.constructs.queued_function import QueuedFunction


class Notification(Construct):
    """Outcomes → queue → notify → e-mail, and chat in the ways configured."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        slack = configuration.slack
        topics: list[sns.ITopic] = [foundation.alerts]
        if slack.channel_id or configuration.teams.channel_id:
            topics.append(Chat(self, "Chat", configuration=configuration, key=foundation.key).topic)
        self.queued = queued = QueuedFunction(
            self,
            "Notify",
            name="notify",
            # No neighbour to keep waiting while a channel hangs.
            batch_size=1,
            max_receive_count=6,
            foundation=foundation,
            settings={
                "chat_topic_arn": topics[1].topic_arn if topics[1:] else None,
                "slack_webhook_secret_arn": slack.webhook_secret_arn,
            },
        )
        queued.subscribe([OUTCOMES])
        foundation.state.grant_claim(queued.role)
        grant_use(foundation.key, queued.role, writes=True)
        grant(queued.role, "Publish", ["sns:Publish"], [topic.topic_arn for topic in topics])
        if slack.webhook_secret_arn:
            grant(queued.role, "ReadWebhook", ["secretsmanager:GetSecretValue"], [slack.webhook_secret_arn])


class Chat(Construct):
    """Slack and Microsoft Teams by Amazon Q Developer: a channel in each, and a topic of their own.

    Chat silently drops what is not in its schema, so it takes no part in the alert topic.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, configuration: Configuration, key: kms.IKey
    ) -> None:
        """Connect the channels; workspace and team must have been authorised once in the console."""
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        # The channel only shows messages: its role may do nothing, and the guard rail keeps it so.
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("chatbot.amazonaws.com"))
        settings: dict[str, Any] = {
            "iam_role_arn": role.role_arn,
            "guardrail_policies": [f"arn:{Stack.of(self).partition}:iam::aws:policy/AWSDenyAll"],
            "sns_topic_arns": [self.topic.topic_arn],
            "logging_level": "ERROR",
            "user_role_required": False,
        }
        slack, teams = configuration.slack, configuration.teams
        if slack.workspace_id and slack.channel_id:
            chatbot.CfnSlackChannelConfiguration(
                self,
                "Channel",
                configuration_name=configuration.named("rootwarden"),
                slack_workspace_id=slack.workspace_id,
                slack_channel_id=slack.channel_id,
                **settings,
            )
        if teams.tenant_id and teams.team_id and teams.channel_id:
            chatbot.CfnMicrosoftTeamsChannelConfiguration(
                self,
                "TeamsChannel",
                configuration_name=configuration.named("rootwarden-teams"),
                teams_tenant_id=teams.tenant_id,
                team_id=teams.team_id,
                teams_channel_id=teams.channel_id,
                **settings,
            )
