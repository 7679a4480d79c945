"""What every function does around its own work: read its settings once, log, mind its deadline, measure.

The logger and the one way to metrics are named by POWERTOOLS_SERVICE_NAME and _METRICS_NAMESPACE.
"""

import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.aws.clients import DEADLINE, logger
from rootwarden.contract.functions import Caller, caller_of
from rootwarden.requests import Answer as RequestAnswer
from rootwarden.requests import RefusalCode, refused

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

__all__ = [
    "Event",
    "MetricUnit",
    "entry_point",
    "entry_point_for",
    "logger",
    "made_once",
    "not_by_alias",
    "record",
]

Event = dict[str, Any]
Answer = TypeVar("Answer")
Made = TypeVar("Made")

Answering = Callable[[Event, Caller], RequestAnswer]
EntryPoint = Callable[[Event, LambdaContext], RequestAnswer]


def entry_point(handle: Callable[[Event], Answer]) -> Callable[[Event, LambdaContext], Answer]:
    """Make what Lambda calls of what handles an event."""

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Event, context: LambdaContext) -> Answer:
        DEADLINE.begin(context)
        return handle(event)

    handler.__doc__ = handle.__doc__
    return handler


def entry_point_for(*callers: Caller) -> Callable[[Answering], EntryPoint]:
    """Make what Lambda calls of what answers these callers, each by its own alias; any other is refused."""

    def decorate(answer: Answering) -> EntryPoint:
        @logger.inject_lambda_context(clear_state=True)
        def handler(event: Event, context: LambdaContext) -> RequestAnswer:
            DEADLINE.begin(context)
            caller = caller_of(context.invoked_function_arn)
            return answer(event, caller) if caller in callers else not_by_alias(*callers)

        handler.__doc__ = answer.__doc__
        return handler

    return decorate


def not_by_alias(*callers: Caller) -> RequestAnswer:
    """Return the answer to who invoked a function by none of the aliases of these callers."""
    text = f"this function answers by its aliases only: {', '.join(callers)}"
    return refused(RefusalCode.NOT_BY_ALIAS, text)


def made_once(make: Callable[[Mapping[str, str]], Made]) -> "_lru_cache_wrapper[Made]":
    """Make something of the environment when it is first asked for, and keep it for the function's life."""
    return cache(partial(make, os.environ))


def record(name: str, value: float = 1, *, unit: MetricUnit = MetricUnit.Count, **dimensions: str) -> None:
    """Write a CloudWatch metric into the log, in the embedded format, with the service as a dimension."""
    with single_metric(name=name, unit=unit, value=value) as metric:
        for dimension, given in dimensions.items():
            metric.add_dimension(dimension, given)
