"""How each CloudFormation resource type comes into being: one file for each service."""

from collections.abc import Mapping

from local.deployment.resources import (
    chatbot,
    cloudformation,
    cloudwatch,
    dynamodb,
    events,
    iam,
    kms,
    lambda_,
    logs,
    organizations,
    s3,
    scheduler,
    secretsmanager,
    sns,
    sqs,
    ssm,
    stepfunctions,
)
from local.deployment.resources.resource import Creator

CREATORS: Mapping[str, Creator] = {
    **chatbot.CREATORS,
    **cloudformation.CREATORS,
    **cloudwatch.CREATORS,
    **dynamodb.CREATORS,
    **events.CREATORS,
    **iam.CREATORS,
    **kms.CREATORS,
    **lambda_.CREATORS,
    **logs.CREATORS,
    **organizations.CREATORS,
    **s3.CREATORS,
    **scheduler.CREATORS,
    **secretsmanager.CREATORS,
    **sns.CREATORS,
    **sqs.CREATORS,
    **ssm.CREATORS,
    **stepfunctions.CREATORS,
}

# Types that change nothing here, each with the reason.
WITHOUT_EFFECT: Mapping[str, str] = {
    "AWS::CDK::Metadata": "tells AWS which constructs were used",
}
