"""An alarm that calls people; docs/runbook.md says of each what to do."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from rootwarden.contract.runbook import entry as address
from stacks.constructs.alert_topic import AlertTopic

AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
NOT_BREACHING = cloudwatch.TreatMissingData.NOT_BREACHING


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
        text = f"rootwarden: {name} is in ALARM because {because}."
        super().__init__(
            scope,
            construct_id,
            alarm_name=name,
            alarm_description=f"{text} Runbook: {address(alerts.runbook_url, 'runbook.md', entry or name)}",
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
