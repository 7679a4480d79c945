"""The optional guard rail: no one acts as root except in a root session."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_organizations as organizations
from constructs import Construct


class DenyRoot(Construct):
    """A service control policy on chosen OUs.

    Any other deny-root policy stops root sessions as well: only aws:AssumedRoot distinguishes them from
    somebody who signed in as root. The management account is never bound by it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, organizational_units: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        policy = organizations.CfnPolicy(
            self,
            "Policy",
            name=name,
            description="Denies everything to root, except in root sessions",
            type="SERVICE_CONTROL_POLICY",
            target_ids=list(organizational_units),
            content={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "DenyRootOutsideRootSessions",
                        "Effect": "Deny",
                        "Action": "*",
                        "Resource": "*",
                        "Condition": {
                            "ArnLike": {"aws:PrincipalArn": f"arn:{Stack.of(self).partition}:iam::*:root"},
                            "Null": {"aws:AssumedRoot": "true"},
                        },
                    }
                ],
            },
        )
        self.policy_id = policy.attr_id
