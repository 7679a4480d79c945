"""Where sweeps leave what they found, and where policies are kept before they are changed."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.configuration.sweep import Sweep
from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.grants import acknowledge, grant

# The sweeps' own files, what people read, and policies as they were.
WORK, REPORTS, UNLOCKS = "sweeps/", "reports/", "unlocks/"
_WORK_DAYS = 30


class EvidenceBucket(s3.Bucket):
    """Versioned, and outlives the stack: a proof must not go with what made it.

    Object Lock is in governance mode: no one deletes a version by mistake, and who may bypass
    governance can still obey a law that says to.
    """

    def __init__(self, scope: Construct, construct_id: str, *, sweep: Sweep) -> None:
        """Create the bucket; reports and policies are kept as configured, the sweeps' own files a month."""
        kept = Duration.days(sweep.report_retention_days)
        super().__init__(
            scope,
            construct_id,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.RETAIN,
            object_lock_default_retention=s3.ObjectLockRetention.governance(kept)
            if sweep.object_lock
            else None,
            lifecycle_rules=[
                _rule("Reports", REPORTS, kept),
                _rule("Unlocks", UNLOCKS, kept),
                _rule("Work", WORK, Duration.days(_WORK_DAYS)),
            ],
        )
        acknowledge(
            self,
            "AwsSolutions-S1",
            "The organization's CloudTrail says who read it where data events are on; a bucket for access"
            " logs would need the same care as this one.",
        )

    def allow_put(self, role: iam.Role, *patterns: str) -> None:
        """Let `role` write objects of these keys."""
        self._grant(role, "PutObjects", "s3:PutObject", patterns)

    def allow_get(self, role: iam.Role, *patterns: str) -> None:
        """Let `role` read objects whose keys it knows."""
        self._grant(role, "GetObjects", "s3:GetObject", patterns)

    def allow_list(self, role: iam.Role, *patterns: str) -> None:
        """Let `role` look up which objects are below these prefixes."""
        prefixes = {"StringLike": {"s3:prefix": list(patterns)}}
        grant(role, "ListObjects", ["s3:ListBucket"], [self.bucket_arn], conditions=prefixes)

    def _grant(self, role: iam.Role, sid: str, action: str, patterns: Sequence[str]) -> None:
        grant(role, sid, [action], [self.arn_for_objects(pattern) for pattern in patterns])
        bucket = self.stack.get_logical_id(cfn_resource(self, s3.CfnBucket))
        for pattern in patterns:
            acknowledge(
                role,
                f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{pattern}]",
                "What these objects are called is not known before they are written.",
            )


def _rule(name: str, prefix: str, kept: Duration) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id=name,
        prefix=prefix,
        expiration=kept,
        noncurrent_version_expiration=kept,
        abort_incomplete_multipart_upload_after=Duration.days(1),
    )
