"""Amazon Q Developer in chat applications (still AWS::Chatbot in CloudFormation)."""

from embedded_aws.cloudformation.resource import Creator, Resource
from embedded_aws.cloudformation.template import Created


def _slack_channel(resource: Resource) -> Created:
    resource.expect(
        "ConfigurationName",
        "GuardrailPolicies",
        "IamRoleArn",
        "LoggingLevel",
        "SlackChannelId",
        "SlackWorkspaceId",
        "SnsTopicArns",
        "UserRoleRequired",
    )
    properties = resource.properties
    for topic_arn in properties.get("SnsTopicArns", []):
        resource.platform.connect_channel(topic_arn, properties["SlackChannelId"])
    name = f"chat-configuration/slack-channel/{properties['ConfigurationName']}"
    place = resource.environment
    arn = f"arn:{place.partition}:chatbot::{place.account}:{name}"
    return Created(reference=arn, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {"AWS::Chatbot::SlackChannelConfiguration": _slack_channel}
