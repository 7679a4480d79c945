"""The metrics that alarms and the dashboard look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from stacks.configuration.configuration import Configuration

NAMESPACE = "rootwarden"
_FIVE_MINUTES = Duration.minutes(5)


@dataclass(frozen=True)
class OwnMetrics:
    """What our functions write into their logs, under this deployment's name."""

    configuration: Configuration

    def of_function(
        self, service: str, name: str, *, statistic: str, period: Duration, **dimensions: str
    ) -> cloudwatch.Metric:
        """Return a metric of one function."""
        return cloudwatch.Metric(
            namespace=self.configuration.named(NAMESPACE),
            metric_name=name,
            dimensions_map={"service": service, **dimensions},
            statistic=statistic,
            period=period,
        )

    def outcomes_not_published(self) -> cloudwatch.Metric:
        """Return how many outcomes no function could put on the bus."""
        return self.of_function("outcome_bus", "OutcomesNotPublished", statistic="Sum", period=_FIVE_MINUTES)

    def looks_failed(self) -> cloudwatch.Metric:
        """Return how many of the looks every five minutes, and of sweeps' at windows, AWS refused."""
        return self.of_function("regular_look", "LooksFailed", statistic="Sum", period=_FIVE_MINUTES)


def oldest_message(queue: sqs.IQueue, label: str | None = None) -> cloudwatch.Metric:
    """Return for how many seconds a queue's oldest message has waited."""
    return queue.metric_approximate_age_of_oldest_message(
        statistic="Maximum", period=_FIVE_MINUTES, label=label
    )


def more_waiting(queues: Sequence[sqs.IQueue]) -> cloudwatch.MathExpression:
    """Return how many of these queues were not empty a minute ago and hold more now."""
    minute = Duration.minutes(1)
    named = {
        f"queue{number}": queue.metric_approximate_number_of_messages_visible(
            period=minute, statistic="Maximum"
        )
        for number, queue in enumerate(queues)
    }
    # SQS counts nothing in a queue that nobody used for hours; it would hide the others.
    now = [f"FILL({name}, 0)" for name in named]
    grown = [f"IF(DIFF({each}) > 0 AND {each} > DIFF({each}), 1, 0)" for each in now]
    return cloudwatch.MathExpression(
        expression=" + ".join(grown), using_metrics=named, label="queues with more", period=minute
    )


def function_errors(functions: Sequence[lambda_.IFunction]) -> cloudwatch.MathExpression:
    """Return how often any function crashed or timed out."""
    errors = [function.metric_errors(statistic="Sum", period=_FIVE_MINUTES) for function in functions]
    return _sum("function", errors, "errors of functions")


def sweep_failures(machine: sfn.IStateMachine) -> cloudwatch.MathExpression:
    """Return how many sweeps ended in another way than well."""
    return _sum(
        "sweep",
        [
            machine.metric_failed(statistic="Sum", period=_FIVE_MINUTES),
            machine.metric_timed_out(statistic="Sum", period=_FIVE_MINUTES),
            machine.metric_aborted(statistic="Sum", period=_FIVE_MINUTES),
        ],
        "sweeps that failed",
    )


def _sum(prefix: str, metrics: Sequence[cloudwatch.IMetric], label: str) -> cloudwatch.MathExpression:
    named = {f"{prefix}{number}": metric for number, metric in enumerate(metrics)}
    # One that has no data would otherwise hide all the others.
    expression = " + ".join(f"FILL({name}, 0)" for name in named)
    return cloudwatch.MathExpression(
        expression=expression, using_metrics=named, label=label, period=_FIVE_MINUTES
    )
