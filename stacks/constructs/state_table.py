"""What the functions remember."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.grants import grant


class StateTable(dynamodb.Table):
    """Items found by `pk`, gone after `expires_at`. It can be lost: AWS says it all again."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Create the table; the AWS-managed key needs no grants for those who read it."""
        super().__init__(
            scope,
            construct_id,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expires_at",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )

    def grant_remember(self, role: iam.IRole, *, also_many: bool = False) -> None:
        """Let `role` read and write single items; with `also_many`, several in one call as well."""
        many = ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem") if also_many else ()
        self._grant(role, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", *many)

    def grant_remember_many(self, role: iam.IRole, *, claims: bool) -> None:
        """Let `role` read single items, and write single ones and many at once; with `claims`, claim work."""
        of_claims = ("dynamodb:UpdateItem",) if claims else ()
        self._grant(role, "dynamodb:BatchWriteItem", "dynamodb:GetItem", "dynamodb:PutItem", *of_claims)

    def grant_recall_many(self, role: iam.IRole) -> None:
        """Let `role` read items by the dozen, and leave one for the next sweep."""
        self._grant(role, "dynamodb:BatchGetItem", "dynamodb:PutItem")

    def grant_claim(self, role: iam.IRole) -> None:
        """Let `role` claim work, and nothing more."""
        self._grant(role, "dynamodb:UpdateItem")

    def grant_forget(self, role: iam.IRole) -> None:
        """Let `role` claim work, read single items and delete them."""
        self._grant(role, "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")

    def grant_keep(self, role: iam.IRole) -> None:
        """Let `role` read, write and delete single items."""
        self._grant(
            role, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
        )

    def _grant(self, role: iam.IRole, *actions: str) -> None:
        grant(role, "State", actions, [self.table_arn])
