"""The key, and the topics people are told by."""

import pytest

from tests.templates.synthesized import HUB, MANAGEMENT, Deployment, arn, get_arn, synthesized

_KEY = "Key961B73FD"


def test_one_key_that_rotates(deployed: Deployment) -> None:
    [key] = deployed.hub.properties("AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    assert not [t.name for t in deployed if t is not deployed.hub and t.of_type("AWS::KMS::Key")]


def test_services_that_write_to_queues_and_topics_may_use_the_key(deployed: Deployment) -> None:
    [key] = deployed.hub.properties("AWS::KMS::Key")
    services = {
        statement["Principal"]["Service"]: statement["Action"]
        for statement in key["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    writing = ["kms:Decrypt", "kms:GenerateDataKey"]
    assert services == {
        "events.amazonaws.com": writing,
        "cloudwatch.amazonaws.com": writing,
        "chatbot.amazonaws.com": writing,
    }


def test_queues_and_topics_of_the_hub_are_encrypted_with_the_key(deployed: Deployment) -> None:
    hub, key = deployed.hub, get_arn(_KEY)
    used = [
        *(queue["KmsMasterKeyId"] for queue in hub.properties("AWS::SQS::Queue")),
        *(topic["KmsMasterKeyId"] for topic in hub.properties("AWS::SNS::Topic")),
    ]
    assert used == [key] * len(used)


def test_state_expires_and_can_be_restored(deployed: Deployment) -> None:
    [table] = deployed.hub.properties("AWS::DynamoDB::Table")
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_addresses_are_subscribed_to_each_topic_of_people(deployed: Deployment) -> None:
    # The hub's second one tells approvers what waits for them
    for template, topics in ((deployed.hub, 2), (deployed.organization, 1)):
        subscribed = template.properties("AWS::SNS::Subscription")
        addresses = [(s["Protocol"], s["Endpoint"]) for s in subscribed]
        assert addresses == [("email", "security@example.com")] * topics
        assert len({str(s["TopicArn"]) for s in subscribed}) == topics


def test_alarms_of_the_own_account_alone_may_publish(deployed: Deployment) -> None:
    for template, account in ((deployed.hub, HUB), (deployed.organization, MANAGEMENT)):
        sources = [
            statement["Condition"]["StringEquals"]["aws:SourceAccount"]
            for policy in template.properties("AWS::SNS::TopicPolicy")
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow"
        ]
        assert sources == [account]


def test_chat_has_its_own_topic_and_may_do_nothing(deployed: Deployment) -> None:
    [channel] = deployed.hub.properties("AWS::Chatbot::SlackChannelConfiguration")
    [teams] = deployed.hub.properties("AWS::Chatbot::MicrosoftTeamsChannelConfiguration")
    for same in ("GuardrailPolicies", "IamRoleArn", "SnsTopicArns"):
        assert teams[same] == channel[same]
    [topic] = channel["SnsTopicArns"]
    role = channel["IamRoleArn"]["Fn::GetAtt"][0]
    assert topic != {"Ref": "Alerts91F83244"}
    assert deployed.hub.statements(role) == []
    assert channel["GuardrailPolicies"] == [arn("iam::aws:policy/AWSDenyAll")]


@pytest.mark.long
def test_webhook_needs_no_chat_configuration() -> None:
    secret = f"arn:aws:secretsmanager:us-east-1:{HUB}:secret:slack-AbCdEf"
    hub = synthesized(slack={"webhook_secret_arn": secret}, teams={}).hub
    variables = hub.function("lambdas.notify.handler")["Environment"]["Variables"]
    assert not hub.of_type("AWS::Chatbot::SlackChannelConfiguration")
    assert variables["SLACK_WEBHOOK_SECRET_ARN"] == secret
    assert "CHAT_TOPIC_ARN" not in variables


def test_the_state_table_is_encrypted_with_a_key_of_the_account(deployed: Deployment) -> None:
    [table] = deployed.hub.properties("AWS::DynamoDB::Table")
    assert table["SSESpecification"] == {"SSEEnabled": True}
