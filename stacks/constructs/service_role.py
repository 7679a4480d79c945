"""Roles that AWS's own services act with."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct


class ServiceRole(iam.Role):
    """A role that a service takes for this account's resources of one kind, and on no one else's behalf."""

    def __init__(self, scope: Construct, construct_id: str, *, service: str, source_arn: str) -> None:
        """Trust `service`, such as `scheduler.amazonaws.com`, when it acts for what `source_arn` matches."""
        conditions = {
            "StringEquals": {"aws:SourceAccount": Stack.of(scope).account},
            "ArnLike": {"aws:SourceArn": source_arn},
        }
        trusted = iam.ServicePrincipal(service, conditions=conditions)
        super().__init__(scope, construct_id, assumed_by=trusted)
