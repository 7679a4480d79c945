"""Where what could not be delivered or worked off waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sqs as sqs

from stacks.constructs.event_queue import EventQueue

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns
    from constructs import Construct


class DeadLetterQueue(EventQueue):
    """A queue that should stay empty, and says so to `alerts` when it does not."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        queue_name: str | None = None,
        key: kms.IKey | None = None,
        alerts: sns.ITopic | None = None,
    ) -> None:
        """Create the queue; without `key` SQS encrypts it itself."""
        super().__init__(
            scope,
            construct_id,
            queue_name=queue_name,
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=key,
            enforce_ssl=True,
        )
        if alerts:
            self._alarm_to(alerts)

    def _alarm_to(self, alerts: sns.ITopic) -> None:
        alarm = self.metric_approximate_number_of_messages_visible(
            period=Duration.minutes(1), statistic="Maximum"
        ).create_alarm(
            self,
            "NotEmpty",
            alarm_description=f"rootwarden: {self.node.path} holds events nobody has dealt with."
            " Read one to see why, mend the cause, then send them back.",
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(alerts))


class UndeliveredQueue(DeadLetterQueue):
    """A dead-letter queue of rules' targets rather than of a queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        queue_name: str | None = None,
        key: kms.IKey | None = None,
        alerts: sns.ITopic | None = None,
    ) -> None:
        """Create the queue; the properties are those of any dead-letter queue."""
        super().__init__(scope, construct_id, queue_name=queue_name, key=key, alerts=alerts)
        Validations.of(self).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS3",
                reason="It is a dead-letter queue itself; cdk-nag knows those of queues only.",
            )
        )
