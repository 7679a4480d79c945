"""How each CloudFormation resource type comes into being: each service's file says it of its own."""

from collections.abc import Mapping

from embedded_aws import cloudwatch, kms, scheduler, simple_resources, sns
from embedded_aws.cloudformation import stack_sets
from embedded_aws.cloudformation.resource import Creator
from embedded_aws.events import api_destinations, targets
from embedded_aws.iam import roles
from embedded_aws.lambda_ import resources as functions
from embedded_aws.organizations import state
from embedded_aws.s3 import buckets
from embedded_aws.sqs import resources as queues
from embedded_aws.ssm import automation_documents as runbooks
from embedded_aws.stepfunctions import state_machines

_SERVICES = (
    *(buckets, cloudwatch, functions, kms, queues, roles, runbooks, scheduler, simple_resources, sns),
    *(api_destinations, stack_sets, state, state_machines, targets),
)
CREATORS: Mapping[str, Creator] = {
    kind: create for service in _SERVICES for kind, create in service.CREATORS.items()
}

# Types that change nothing here, each with the reason.
WITHOUT_EFFECT: Mapping[str, str] = {
    "AWS::CDK::Metadata": "tells AWS which constructs were used",
}
