"""Resources of services that need no more than to be there: Amazon Q channels, tables, log groups, keys."""

import json

from embedded_aws.cloudformation.resource import Created, Creator, Resource

_CHANNEL = ("ConfigurationName", "GuardrailPolicies", "IamRoleArn", "LoggingLevel", "SnsTopicArns")


def _slack_channel(resource: Resource) -> Created:
    """Create a channel of Amazon Q Developer in chat applications (still AWS::Chatbot in CloudFormation)."""
    resource.expect(*_CHANNEL, "SlackChannelId", "SlackWorkspaceId", "UserRoleRequired")
    return _channel(resource, "slack-channel", resource.properties["SlackChannelId"])


def _teams_channel(resource: Resource) -> Created:
    resource.expect(*_CHANNEL, "TeamId", "TeamsChannelId", "TeamsTenantId", "UserRoleRequired")
    return _channel(resource, "microsoft-teams-channel", resource.properties["TeamsChannelId"])


def _channel(resource: Resource, kind: str, channel: str) -> Created:
    properties, place = resource.properties, resource.stack
    for topic_arn in properties.get("SnsTopicArns", []):
        resource.deployment.messages.connect_channel(topic_arn, channel)
    name = f"chat-configuration/{kind}/{properties['ConfigurationName']}"
    arn = f"arn:aws:chatbot::{place.account}:{name}"
    return Created(reference=arn, attributes={"Arn": arn})


def _table(resource: Resource) -> Created:
    updates = {
        "TimeToLiveSpecification": "update_time_to_live",
        "PointInTimeRecoverySpecification": "update_continuous_backups",
    }
    settings = resource.settings(
        *("AttributeDefinitions", "BillingMode", "KeySchema"),
        besides=("TableName", "SSESpecification", *updates),
    )
    client, name = resource.client("dynamodb"), resource.name("TableName", longest=255)
    encryption = dict(resource.properties.get("SSESpecification", {}))
    if "SSEEnabled" in encryption:  # the API spells it differently
        encryption["Enabled"] = encryption.pop("SSEEnabled")
    arn = client.create_table(
        TableName=name,
        **settings,
        **({"SSESpecification": encryption} if encryption else {}),
    )["TableDescription"]["TableArn"]
    for key, update in updates.items():
        if key in resource.properties:
            getattr(client, update)(TableName=name, **resource.some(key))
    return Created(reference=name, attributes={"Arn": arn})


def _log_group(resource: Resource) -> Created:
    resource.expect("LogGroupName", "RetentionInDays")
    name, client = resource.name("LogGroupName", longest=512), resource.client("logs")
    client.create_log_group(logGroupName=name)
    if "RetentionInDays" in resource.properties:
        client.put_retention_policy(logGroupName=name, retentionInDays=resource.properties["RetentionInDays"])
    return Created(reference=name, attributes={"Arn": resource.arn("logs", f"log-group:{name}:*")})


def _key(resource: Resource) -> Created:
    settings = resource.settings("Description", besides=("KeyPolicy", "EnableKeyRotation"))
    properties, client = resource.properties, resource.client("kms")
    policy = json.dumps(properties["KeyPolicy"])
    metadata = client.create_key(Policy=policy, **settings)["KeyMetadata"]
    if properties.get("EnableKeyRotation"):
        client.enable_key_rotation(KeyId=metadata["KeyId"])
    return Created(reference=metadata["KeyId"], attributes={"Arn": metadata["Arn"]})


CREATORS: dict[str, Creator] = {
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": _teams_channel,
    "AWS::Chatbot::SlackChannelConfiguration": _slack_channel,
    "AWS::DynamoDB::Table": _table,
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _log_group,
}
