"""CloudWatch alarms on queues: the way people hear of dead letters."""

import json
import operator
from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.iam.resource_policies import Caller, Question, may_encrypt, permits
from embedded_aws.moto_patches import every

_SERVICE = "cloudwatch.amazonaws.com"
_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_ALARM = (
    *("AlarmActions", "AlarmDescription", "ComparisonOperator", "DatapointsToAlarm", "Dimensions"),
    *("EvaluationPeriods", "InsufficientDataActions", "MetricName", "Metrics", "Namespace", "OKActions"),
    *("Period", "Statistic", "Threshold", "TreatMissingData"),
)


def ring() -> None:
    """Look at every queue's alarms once; one that changes notifies the topics of its new state.

    moto's alarms begin as OK. AWS's begin without data, and say once that they are OK.
    """
    for account, region, alarm in list(_queue_alarms()):
        waiting = _waiting(alarm, account, region)
        breached = _COMPARISONS[alarm.comparison_operator](waiting, alarm.threshold)
        state = "ALARM" if breached else "OK"
        if state != alarm.state_value:
            alarm.state_value = state
            for topic_arn in alarm.alarm_actions if breached else alarm.ok_actions:
                _notify(topic_arn, alarm, waiting, account)


def _queue_alarms() -> Iterator[tuple[str, str, Alarm]]:
    for backend in every(cloudwatch_backends):
        for alarm in backend.alarms.values():
            if alarm.metric_name == "ApproximateNumberOfMessagesVisible":
                yield backend.account_id, backend.region_name, alarm


def _waiting(alarm: Alarm, account: str, region: str) -> int:
    [name] = [each.value for each in alarm.dimensions if each.name == "QueueName"]
    queue = sqs_backends[account][region].queues.get(str(name))
    return len(queue.messages) if queue else 0


def _notify(topic_arn: str, alarm: Alarm, waiting: int, account: str) -> None:
    arn = parse_arn(topic_arn)
    topic = sns_backends[arn.account][arn.region].topics.get(topic_arn)
    context = {"aws:SourceArn": alarm.alarm_arn, "aws:SourceAccount": account}
    question = Question(Caller(service=_SERVICE), "sns:Publish", topic_arn, context)
    # CloudWatch, too, drops what a topic or its key does not admit.
    if (
        topic is not None
        and permits(topic.policy, question)
        and may_encrypt(topic.kms_master_key_id, arn, context, service=_SERVICE)
    ):
        topic.publish(
            json.dumps(_document(alarm, waiting, account)), f'{alarm.state_value}: "{alarm.name}"'[:100]
        )


def _document(alarm: Alarm, waiting: int, account: str) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "NewStateValue": alarm.state_value,
        "NewStateReason": f"Threshold Crossed: 1 datapoint [{waiting}] of threshold {alarm.threshold}.",
    }


def _alarm(resource: Resource) -> Created:
    settings = resource.settings(*_ALARM, besides=("AlarmName",))
    name = resource.name("AlarmName", longest=255)
    resource.client("cloudwatch").put_metric_alarm(AlarmName=name, **settings)
    return Created(reference=name, attributes={"Arn": resource.arn("cloudwatch", f"alarm:{name}")})


def _dashboard(resource: Resource) -> Created:
    body = resource.settings("DashboardBody", besides=("DashboardName",))
    name = resource.name("DashboardName", longest=255)
    resource.client("cloudwatch").put_dashboard(DashboardName=name, **body)
    return Created(reference=name)


CREATORS: dict[str, Creator] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
}
