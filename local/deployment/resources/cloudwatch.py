"""Amazon CloudWatch resources."""

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created

_ALARM = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "TreatMissingData",
    "Unit",
)


def _alarm(resource: Resource) -> Created:
    resource.expect("AlarmName", *_ALARM)
    name = resource.name("AlarmName", longest=255)
    resource.client("cloudwatch").put_metric_alarm(AlarmName=name, **resource.some(*_ALARM))
    return Created(reference=name, attributes={"Arn": resource.arn("cloudwatch", f"alarm:{name}")})


def _dashboard(resource: Resource) -> Created:
    resource.expect("DashboardName", "DashboardBody")
    name = resource.name("DashboardName", longest=255)
    resource.client("cloudwatch").put_dashboard(
        DashboardName=name, DashboardBody=resource.properties["DashboardBody"]
    )
    return Created(reference=name)


CREATORS: dict[str, Creator] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
}
