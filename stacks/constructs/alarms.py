"""What people are woken for, beside dead letters; docs/runbook.md says of each what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions

from stacks.constructs.metrics import (
    function_errors,
    of_function,
    oldest_message,
    outcomes_not_published,
    sessions_not_on_record,
    sweep_failures,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from stacks.constructs.organization_sweep import OrganizationSweep
    from stacks.constructs.queued_function import QueuedFunction

_AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_HOUR = Duration.hours(1)


class Alarm(cloudwatch.Alarm):
    """An alarm named after its place, as the runbook names it, which says why it rings."""

    def __init__(  # noqa: PLR0913 - what makes one alarm differ from the next
        self,
        scope: Construct,
        construct_id: str,
        *,
        metric: cloudwatch.IMetric,
        because: str,
        alerts: sns.ITopic,
        threshold: float = 1,
        periods: int = 1,
        breaching: int | None = None,
        comparison: cloudwatch.ComparisonOperator = _AT_LEAST,
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> None:
        """Ring when `breaching` (default: all) of the last `periods` of `metric` reach the threshold.

        With MISSING it rings when data stop coming, and not before there were any: an alarm begins
        without data, and only a change of its state calls people.
        """
        super().__init__(
            scope,
            construct_id,
            alarm_description=f"rootwarden: {scope.node.path}/{construct_id} rings because {because}.",
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


def watch_queues(work: Sequence[QueuedFunction], *, alerts: sns.ITopic) -> None:
    """Tell when messages wait for an hour; SQS no longer counts those that were tried three times."""
    for queued in work:
        Alarm(
            queued,
            "OldMessages",
            metric=oldest_message(queued.queue),
            because="a message has waited for an hour: its function fails, or does not keep up",
            alerts=alerts,
            threshold=_HOUR.to_seconds(),
        )


def watch_functions(scope: Construct, functions: Sequence[lambda_.IFunction], *, alerts: sns.ITopic) -> None:
    """Tell when functions keep crashing or timing out; single errors are tried again anyway."""
    Alarm(
        scope,
        "FunctionErrors",
        metric=function_errors(functions),
        because="functions crashed or timed out in two of the last three periods of five minutes",
        alerts=alerts,
        periods=3,
        breaching=2,
    )


def watch_asked_functions(
    scope: Construct, functions: Sequence[lambda_.IFunction], *, alerts: sns.ITopic
) -> None:
    """Tell of every crash of a function that answers requests: what it left undone is for a person."""
    Alarm(
        scope,
        "RequestErrors",
        metric=function_errors(functions),
        because="a function that opens, closes or unlocks on request crashed or timed out",
        alerts=alerts,
    )


def watch_outcomes(scope: Construct, *, alerts: sns.ITopic) -> None:
    """Say when an outcome could not be announced: the bus is how people hear of anything else."""
    Alarm(
        scope,
        "NotAnnounced",
        metric=outcomes_not_published(),
        because="EventBridge did not take an outcome: what was done or found is in a function's log only",
        alerts=alerts,
    )


def watch_sessions(scope: Construct, *, alerts: sns.ITopic) -> None:
    """Say once when sessions of ours are not on record: the alerts that follow take them for stolen."""
    Alarm(
        scope,
        "NotOnRecord",
        metric=sessions_not_on_record(),
        because="sessions of ours could not be put on record: alerts on our role in other hands may be false",
        alerts=alerts,
    )


def watch_sweeps(sweep: OrganizationSweep, *, hours_until_missed: int, alerts: sns.ITopic) -> None:
    """Tell when a sweep fails, when none was completed for too long, and what it found switched off."""
    Alarm(
        sweep,
        "Failed",
        metric=sweep_failures(sweep.machine),
        because="a sweep of the organization ended without a report",
        alerts=alerts,
    )
    Alarm(
        sweep,
        "Missing",
        metric=of_function("write_report", "SweepCompleted", statistic="Sum", period=_HOUR),
        because=f"no sweep of the organization was completed for {hours_until_missed} hours",
        alerts=alerts,
        comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        periods=hours_until_missed,
        missing=cloudwatch.TreatMissingData.MISSING,
    )
    Alarm(
        sweep,
        "FeaturesOff",
        metric=of_function("write_report", "FeaturesOff", statistic="Maximum", period=_HOUR),
        because="the last sweep found IAM's trusted access or a root access feature switched off",
        alerts=alerts,
        # What one sweep found holds until the next one has looked.
        missing=cloudwatch.TreatMissingData.IGNORE,
    )
    Alarm(
        sweep,
        "UndeliveredInMembers",
        metric=of_function("write_report", "UndeliveredInMembers", statistic="Maximum", period=_HOUR),
        because="the last sweep found events that accounts could not send to the hub: alerts come late,"
        " until its report says why and that is fixed",
        alerts=alerts,
        missing=cloudwatch.TreatMissingData.IGNORE,
    )
    Alarm(
        sweep,
        "Unreached",
        metric=of_function("write_report", "RecipientsUnreached", statistic="Maximum", period=_HOUR),
        because="the last sweep found addresses of alert_emails that are not subscribed, or not confirmed",
        alerts=alerts,
        missing=cloudwatch.TreatMissingData.IGNORE,
    )
