"""The one logger and the one way to metrics, named by POWERTOOLS_SERVICE_NAME and _METRICS_NAMESPACE."""

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

__all__ = ["MetricUnit", "logger", "record"]

logger = Logger()


def record(name: str, value: float = 1, *, unit: MetricUnit = MetricUnit.Count, **dimensions: str) -> None:
    """Write a CloudWatch metric into the log, in the embedded format, with the service as a dimension."""
    with single_metric(name=name, unit=unit, value=value) as metric:
        for dimension, given in dimensions.items():
            metric.add_dimension(dimension, given)
