"""Messages to SNS topics."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.refusals import refusals
from lambdas.domain.messages.email import Email

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True)
class AlertTopics:
    """The alert topic (e-mail, pagers) and the chat topic that Amazon Q Developer reads."""

    client: "SNSClient"

    def send_email(self, topic_arn: str, email: Email) -> None:
        """Publish an e-mail to the alert topic; raises CallRefused."""
        with refusals():
            self.client.publish(TopicArn=topic_arn, Subject=email.subject, Message=email.body)

    def send_chat(self, topic_arn: str, document: str) -> None:
        """Publish an Amazon Q notification to the chat topic; raises CallRefused."""
        with refusals():
            self.client.publish(TopicArn=topic_arn, Message=document)
