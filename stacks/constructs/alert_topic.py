"""The topic of alerts and alarms."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.constructs.grants import grant


class AlertTopic(sns.Topic):
    """Alerts and alarms by e-mail."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        emails: Sequence[str],
        runbook_url: str,
        key: kms.IKey | None = None,
    ) -> None:
        """Subscribe each address; each is asked by AWS to confirm. runbook_url: for alarms to name."""
        self.runbook_url = runbook_url
        super().__init__(scope, construct_id, display_name="rootwarden", master_key=key, enforce_ssl=True)
        for email in emails:
            self.add_subscription(subscriptions.EmailSubscription(email))
        stack = Stack.of(self)
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )

    def grant_list_subscriptions(self, role: iam.Role) -> None:
        """Let `role` see who is subscribed."""
        grant(role, "ListSubscriptions", ["sns:ListSubscriptionsByTopic"], [self.topic_arn])
