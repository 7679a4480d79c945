"""An alarm that calls people; docs/runbook.md says of each what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns
    from constructs import Construct

AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
NOT_BREACHING = cloudwatch.TreatMissingData.NOT_BREACHING


class Alarm(cloudwatch.Alarm):
    """An alarm named after its place, as the runbook names it, which says why it is in ALARM."""

    def __init__(  # noqa: PLR0913 - what makes one alarm differ from the next
        self,
        scope: Construct,
        construct_id: str,
        *,
        metric: cloudwatch.IMetric,
        because: str,
        alerts: sns.ITopic,
        place: str | None = None,
        threshold: float = 1,
        periods: int = 1,
        breaching: int | None = None,
        comparison: cloudwatch.ComparisonOperator = AT_LEAST,
        missing: cloudwatch.TreatMissingData = NOT_BREACHING,
    ) -> None:
        """Be in ALARM when `breaching` (default: all) of the last `periods` of `metric` reach the threshold.

        With MISSING it also calls people when data stop coming, and not before there were any: an alarm
        begins without data, and only a change of its state calls people.
        """
        own_place = f"{scope.node.path}/{construct_id}"
        super().__init__(
            scope,
            construct_id,
            alarm_description=f"rootwarden: {place or own_place} is in ALARM because {because}.",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            datapoints_to_alarm=breaching or periods,
            comparison_operator=comparison,
            treat_missing_data=missing,
        )
        self.add_alarm_action(actions.SnsAction(alerts))
        if missing is cloudwatch.TreatMissingData.MISSING:
            self.add_insufficient_data_action(actions.SnsAction(alerts))
