"""The topic of alerts and alarms, and an alarm that calls people; docs/runbook.md says of each what to do."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from rootwarden.contract.functions import entry_address
from stacks.constructs.grants import grant

AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
NOT_BREACHING = cloudwatch.TreatMissingData.NOT_BREACHING


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


class Alarm(cloudwatch.Alarm):
    """An alarm named after its place, as the runbook names it. It says why it rings, and when it is over."""

    def __init__(  # noqa: PLR0913 - what makes one alarm differ from the next
        self,
        scope: Construct,
        construct_id: str,
        *,
        metric: cloudwatch.IMetric,
        because: str,
        alerts: AlertTopic,
        place: str | None = None,
        entry: str | None = None,
        threshold: float = 1,
        periods: int = 1,
        breaching: int | None = None,
        comparison: cloudwatch.ComparisonOperator = AT_LEAST,
        missing: cloudwatch.TreatMissingData = NOT_BREACHING,
    ) -> None:
        """Be in ALARM when `breaching` (default: all) of the last `periods` of `metric` reach the threshold.

        With MISSING it also calls people when data stop coming, and not before there were any: an alarm
        begins without data, and only a change of its state calls people. entry: the runbook's heading, where
        that is not the alarm's name.
        """
        name = place or f"{scope.node.path}/{construct_id}"
        runbook = entry_address(alerts.runbook_url, "runbook.md", entry or name)
        super().__init__(
            scope,
            construct_id,
            alarm_name=name,
            alarm_description=f"rootwarden: {name} is in ALARM because {because}. Runbook: {runbook}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            datapoints_to_alarm=breaching or periods,
            comparison_operator=comparison,
            treat_missing_data=missing,
        )
        self.add_alarm_action(actions.SnsAction(alerts))
        self.add_ok_action(actions.SnsAction(alerts))
        if missing is cloudwatch.TreatMissingData.MISSING:
            self.add_insufficient_data_action(actions.SnsAction(alerts))
