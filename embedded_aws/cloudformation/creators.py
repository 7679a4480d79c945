"""How each CloudFormation resource type comes into being: one file for each service."""

from collections.abc import Mapping

from embedded_aws.chatbot import channels as chatbot
from embedded_aws.cloudformation import stack_sets as cloudformation
from embedded_aws.cloudformation.resource import Creator
from embedded_aws.cloudwatch import alarms as cloudwatch
from embedded_aws.dynamodb import tables as dynamodb
from embedded_aws.events import targets as events
from embedded_aws.iam import roles as iam
from embedded_aws.kms import encryption_keys as kms
from embedded_aws.lambda_ import resources as lambda_
from embedded_aws.logs import groups as logs
from embedded_aws.organizations import state as organizations
from embedded_aws.s3 import buckets as s3
from embedded_aws.scheduler import schedules as scheduler
from embedded_aws.secretsmanager import secrets as secretsmanager
from embedded_aws.sns import topics as sns
from embedded_aws.sqs import resources as sqs
from embedded_aws.ssm import automations as ssm
from embedded_aws.stepfunctions import state_machines as stepfunctions

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
