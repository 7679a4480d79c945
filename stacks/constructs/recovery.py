"""Root password recovery is allowed for some hours, and certainly ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.organization_access import grant_describe_accounts
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queues import UndeliveredQueue
from stacks.constructs.service_role import ServiceRole
from stacks.constructs.task_sessions import PASSWORD_TASK, grant_root_sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.constructs.foundation import Foundation

# Shorter than the lease that keeps others away from a window (rootwarden/recovery/opening.py).
_TIMEOUT = Duration.seconds(60)
_GROUP = "rootwarden-recovery"
_SCHEDULES = f"{_GROUP}/rootwarden-recovery-*"


class Recovery(Construct):
    """open_recovery, close_recovery, and the schedules by which the one has the other called.

    A closing that neither Scheduler nor Lambda gets done waits in NotClosed; the next sweep does it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the functions; `sessions` are the root sessions the opening one may begin."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        key, alerts = foundation.key, foundation.alerts
        self.not_closed = UndeliveredQueue(self, "NotClosed", key=key, alerts=alerts)
        group = scheduler.ScheduleGroup(
            self, "Schedules", schedule_group_name=_GROUP, removal_policy=RemovalPolicy.DESTROY
        )
        self.close_recovery = self._close_recovery(group)
        ending = self._scheduler_role(group)
        self.open_recovery = self._open_recovery(group, ending)
        role = self.open_recovery.own_role
        self._allow_schedules(
            role, "scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"
        )
        self._allow_passing(role, ending)
        grant_describe_accounts(role, configuration=foundation.configuration)
        self.sessions = grant_root_sessions(role, tasks=[PASSWORD_TASK])

    def _close_recovery(self, group: scheduler.ScheduleGroup) -> PythonFunction:
        function = self._function("CloseRecovery", "close_recovery", group)
        role = function.own_role
        self._foundation.state.grant_forget(role)
        self._allow_schedules(role, "scheduler:DeleteSchedule")
        self._allow_dead_letters(role)
        resource = cfn_resource(function, lambda_.CfnFunction)
        resource.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(
            target_arn=self.not_closed.queue_arn
        )
        # Lambda refuses a dead-letter queue its function may not send to yet.
        policy = cfn_resource(role.node.find_child("DefaultPolicy"), iam.CfnPolicy)
        resource.add_override("DependsOn", [Stack.of(self).get_logical_id(policy)])
        return function

    def _open_recovery(self, group: scheduler.ScheduleGroup, ending: iam.Role) -> PythonFunction:
        configuration = self._foundation.configuration
        function = self._function(
            "OpenRecovery",
            "open_recovery",
            group,
            {
                "MANAGEMENT_ACCOUNT_ID": configuration.management_account_id,
                "RECOVERY_MAX_HOURS": str(configuration.recovery.max_hours),
                "RECOVERY_MAX_HOURS_PER_WEEK": str(configuration.recovery.max_hours_per_week),
                "CLOSE_FUNCTION_ARN": self.close_recovery.function_arn,
                "SCHEDULE_ROLE_ARN": ending.role_arn,
                "SCHEDULE_DEAD_LETTERS_ARN": self.not_closed.queue_arn,
            },
        )
        self._foundation.state.grant_keep(function.own_role)
        return function

    def _scheduler_role(self, group: scheduler.ScheduleGroup) -> iam.Role:
        role = ServiceRole(
            self,
            "SchedulerRole",
            service="scheduler.amazonaws.com",
            source_arn=group.schedule_group_arn,
        )
        role.add_to_policy(
            iam.PolicyStatement(
                sid="Close",
                actions=["lambda:InvokeFunction"],
                resources=[self.close_recovery.function_arn],
            )
        )
        self._allow_dead_letters(role)
        return role

    def _allow_dead_letters(self, role: iam.Role) -> None:
        role.add_to_policy(
            iam.PolicyStatement(
                sid="DeadLetters", actions=["sqs:SendMessage"], resources=[self.not_closed.queue_arn]
            )
        )
        self._foundation.key.grant_use(role, writes=True)

    def _allow_schedules(self, role: iam.Role, *actions: str) -> None:
        stack = Stack.of(self)
        schedules = f"scheduler:{stack.region}:{stack.account}:schedule/{_SCHEDULES}"
        role.add_to_policy(
            iam.PolicyStatement(
                sid="Schedules", actions=list(actions), resources=[f"arn:{stack.partition}:{schedules}"]
            )
        )
        Validations.of(role).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{schedules}]",
                reason="Each account's window has a schedule of its own, named after the account.",
            )
        )

    def _allow_passing(self, role: iam.Role, passed: iam.Role) -> None:
        role.add_to_policy(
            iam.PolicyStatement(
                sid="LetSchedulesClose",
                actions=["iam:PassRole"],
                resources=[passed.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
            )
        )

    def _function(
        self,
        construct_id: str,
        module: str,
        group: scheduler.ScheduleGroup,
        environment: Mapping[str, str] | None = None,
    ) -> PythonFunction:
        foundation = self._foundation
        function = PythonFunction(
            self,
            construct_id,
            handler=f"lambdas.{module}.handler",
            environment={
                "STATE_TABLE_NAME": foundation.state.table_name,
                "EVENT_BUS_NAME": foundation.bus.event_bus_name,
                "SCHEDULE_GROUP_NAME": group.schedule_group_name,
                **(environment or {}),
            },
            timeout=_TIMEOUT,
            memory_size=256,
            foundation=foundation,
        )
        foundation.bus.grant_publish_outcomes(function.own_role)
        return function
