"""Slack by Amazon Q Developer in chat applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms


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
