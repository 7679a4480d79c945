"""A function looks every few minutes whether something was begun that nobody ended."""

import json
from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from rootwarden.contract.functions import Caller
from stacks.constructs.grants import ServiceRole, grant
from stacks.constructs.python_function import PythonFunction

_EVERY = "rate(5 minutes)"


class RegularLook(Construct):
    """A schedule that invokes a function. One that is missed, or fails, is made up for by the next."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: PythonFunction,
        event: Mapping[str, object],
        what_for: str,
    ) -> None:
        """Have `function` look, given `event`; `what_for` goes into the schedule's description."""
        super().__init__(scope, construct_id)
        group = Stack.of(self).format_arn(
            service="scheduler", resource="schedule-group", resource_name="default"
        )
        role = ServiceRole(self, "Role", service="scheduler.amazonaws.com", source_arn=group)
        invoked = function.alias_of(Caller.SCHEDULE).function_arn
        grant(role, "Look", ["lambda:InvokeFunction"], [invoked])
        scheduler.CfnSchedule(
            self,
            "Schedule",
            description=f"rootwarden: {what_for}",
            schedule_expression=_EVERY,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=invoked,
                role_arn=role.role_arn,
                input=json.dumps(event),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=60, maximum_retry_attempts=0
                ),
            ),
        )
