"""The one customer-managed key."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.grants import grant


class EncryptionKey(kms.Key):
    """Encrypts queues and topics.

    AWS-managed keys cannot serve: their policies admit neither EventBridge nor CloudWatch alarms.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Create the key and admit the services that write to what it encrypts."""
        super().__init__(
            scope,
            construct_id,
            description="rootwarden: queues and topics",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        # Not every kind of target passes its source on to KMS, so no condition would hold for all: what
        # these services may write to is pinned in the queues' and topics' own policies.
        for service, sid in (
            ("events", "EventBridge"),
            ("cloudwatch", "CloudWatchAlarms"),
            ("chatbot", "ChatApplications"),
        ):
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=sid,
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=["*"],
                )
            )


def encryption_key(scope: Construct, construct_id: str, *, arn: str | None) -> kms.IKey:
    """Return the key that is configured, whose policy is its owner's to write; else create one."""
    return kms.Key.from_key_arn(scope, construct_id, arn) if arn else EncryptionKey(scope, construct_id)


def grant_use(key: kms.IKey, role: iam.IRole, *, writes: bool) -> None:
    """Let `role` read what the key encrypts and, with `writes`, send to queues and topics."""
    grant(role, "UseKey", ["kms:Decrypt", *(["kms:GenerateDataKey"] if writes else [])], [key.key_arn])
