import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import HUB, Stack

Deploy = Callable[..., EmbeddedAws]
DOCUMENT = {"version": "1.0", "source": "custom", "content": {"description": "hello"}}


def topics() -> Stack:
    people = [{"Protocol": "email", "Endpoint": f"{name}@example.com"} for name in ("a", "b")]
    return Stack(
        resources={
            "Mail": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "mail", "Subscription": people}},
            "Chat": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "chat"}},
            "Channel": {
                "Type": "AWS::Chatbot::SlackChannelConfiguration",
                "Properties": {
                    "ConfigurationName": "c",
                    "IamRoleArn": f"arn:aws:iam::{HUB}:role/chat",
                    "SlackWorkspaceId": "T1",
                    "SlackChannelId": "C1",
                    "SnsTopicArns": [{"Ref": "Chat"}],
                },
            },
        }
    )


def publish(aws: EmbeddedAws, topic: str, message: str, **rest: Any) -> None:
    arn = f"arn:aws:sns:us-east-1:{HUB}:{topic}"
    aws.client("sns", account=HUB).publish(TopicArn=arn, Message=message, **rest)


def test_everyone_subscribed_gets_the_e_mail(deployed: Deploy) -> None:
    aws = deployed(topics())
    publish(aws, "mail", "text", Subject="subject")
    assert [(m.channel, m.to, m.subject, m.body) for m in aws.messages] == [
        ("email", "a@example.com", "subject", "text"),
        ("email", "b@example.com", "subject", "text"),
    ]


def test_chat_shows_documents_of_its_schema_and_silently_drops_the_rest(deployed: Deploy) -> None:
    aws = deployed(topics())
    publish(aws, "chat", "plain text")
    publish(aws, "chat", json.dumps({**DOCUMENT, "source": "else"}))
    publish(aws, "chat", json.dumps(DOCUMENT))
    assert [(m.channel, m.to, json.loads(m.body)) for m in aws.messages] == [("chat", "C1", DOCUMENT)]


@pytest.mark.parametrize("subject", ["two\nlines", "café", "x" * 101])
def test_subjects_aws_refuses_are_refused(deployed: Deploy, subject: str) -> None:
    aws = deployed(topics())
    with pytest.raises((ClientError, ValueError), match=r"[Ss]ubject"):
        publish(aws, "mail", "text", Subject=subject)
    assert aws.messages == []
