"""Root password recovery is allowed for some hours, and certainly ends."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from rootwarden.contract.functions import RECOVER, Caller
from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import ServiceRole, grant, grant_matching
from stacks.constructs.organization_access import grant_describe_accounts, grant_root_sessions
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queues import UndeliveredQueue
from stacks.constructs.regular_look import RegularLook

_GROUP = "rootwarden-recovery"
_SCHEDULES = "rootwarden-recovery-*"
_NOT_CLOSED = (
    "a recovery window's time is over, and it was not closed: read the message to see why, fix the cause,"
    " close the window, then remove the message"
)


class Recovery(Construct):
    """open_recovery, close_recovery, and the schedules by which the one has the other called.

    A closing that neither Scheduler nor Lambda gets done waits in NotClosed; a look does it within minutes.
    """

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        """Create the functions; `sessions` are the root sessions the opening one may begin."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        key, alerts = foundation.key, foundation.alerts
        self.not_closed = UndeliveredQueue(self, "NotClosed", key=key, alerts=alerts, because=_NOT_CLOSED)
        group = scheduler.ScheduleGroup(
            self,
            "Schedules",
            schedule_group_name=foundation.configuration.named(_GROUP),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.close_recovery = self._close_recovery(group)
        ending = self._scheduler_role(group)
        RegularLook(
            self,
            "Overdue",
            function=self.close_recovery,
            event={"overdue": True},
            what_for="closes recovery windows that nothing else closed, and announces what was begun",
        )
        self.open_recovery = self._open_recovery(group, ending)
        role = self.open_recovery.own_role
        self._allow_schedules(role, "CreateSchedule", "UpdateSchedule", "DeleteSchedule")
        to_scheduler = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
        grant(role, "LetSchedulesClose", ["iam:PassRole"], [ending.role_arn], conditions=to_scheduler)
        self.sessions = grant_root_sessions(role, tasks=[RECOVER])

    def _close_recovery(self, group: scheduler.ScheduleGroup) -> PythonFunction:
        function = self._function("CloseRecovery", "close_recovery", group)
        role = function.own_role
        self._foundation.state.grant_forget(role)
        self._allow_schedules(role, "DeleteSchedule")
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
        function = self._function(
            "OpenRecovery",
            "open_recovery",
            group,
            close_function_arn=self.close_recovery.alias_of(Caller.SCHEDULE).function_arn,
            schedule_role_arn=ending.role_arn,
            schedule_dead_letters_arn=self.not_closed.queue_arn,
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
        grant(
            role,
            "Close",
            ["lambda:InvokeFunction"],
            [self.close_recovery.alias_of(Caller.SCHEDULE).function_arn],
        )
        self._allow_dead_letters(role)
        return role

    def _allow_dead_letters(self, role: iam.Role) -> None:
        grant(role, "DeadLetters", ["sqs:SendMessage"], [self.not_closed.queue_arn])
        grant_use(self._foundation.key, role, writes=True)

    def _allow_schedules(self, role: iam.Role, *actions: str) -> None:
        stack, group = Stack.of(self), self._foundation.configuration.named(_GROUP)
        grant_matching(
            role,
            "Schedules",
            [f"scheduler:{action}" for action in actions],
            f"scheduler:{stack.region}:{stack.account}:schedule/{group}/{_SCHEDULES}",
            because="Each account's window has a schedule of its own, named after the account.",
        )

    def _function(
        self, construct_id: str, name: str, group: scheduler.ScheduleGroup, **settings: object
    ) -> PythonFunction:
        function = PythonFunction(
            self,
            construct_id,
            name=name,
            foundation=self._foundation,
            settings={"schedule_group_name": group.schedule_group_name, **settings},
        )
        self._foundation.bus.grant_publish_outcomes(function.own_role)
        grant_describe_accounts(function.own_role, configuration=self._foundation.configuration)
        return function
