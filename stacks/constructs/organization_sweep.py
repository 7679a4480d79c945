"""Every account's posture, looked at on a schedule."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from rootwarden.contract.event_patterns import ORGANIZATION_DEPLOYED
from rootwarden.contract.functions import Caller
from rootwarden.contract.names import with_prefix
from stacks.constructs.deployed_rules import deployed_rules
from stacks.constructs.encryption_key import grant_use
from stacks.constructs.event_rule import EventRule
from stacks.constructs.evidence_bucket import EvidenceBucket
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import ServiceRole, grant
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queued_function import Inbox
from stacks.constructs.queues import EventQueue, UndeliveredQueue
from stacks.constructs.sweep_functions import SweepFunctions
from stacks.constructs.sweep_machine import SweepMachine

_NOT_STARTED = (
    "a sweep could not be started: read the message to see why, fix the cause, start a sweep, then remove the"
    " message"
)


class OrganizationSweep(Construct):
    """Schedule, or the organization's stack → state machine → functions → evidence, one outcome event."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        close_recovery: PythonFunction,
        queues: Sequence[EventQueue],
        inboxes: Sequence[Inbox],
    ) -> None:
        """Create it all; first of all a sweep has `close_recovery` close windows that are overdue.

        What accounts could not send goes onto `queues`. Every report says whether the rules of
        `inboxes` are still as deployed.
        """
        super().__init__(scope, construct_id)
        configuration = foundation.configuration
        self.bucket = EvidenceBucket(self, "Evidence", sweep=configuration.sweep)
        self.functions = SweepFunctions(
            self, "Functions", foundation=foundation, bucket=self.bucket, queues=queues
        )
        self.machine = SweepMachine(
            self,
            "Machine",
            configuration=configuration,
            rules=deployed_rules(self, inboxes, configuration),
            functions=self.functions.by_sweep,
            close_recovery=close_recovery.alias_of(Caller.SWEEP),
            bucket=self.bucket,
        )
        self.not_started = UndeliveredQueue(
            self, "NotStarted", key=foundation.key, alerts=foundation.alerts, because=_NOT_STARTED
        )
        self._schedule(foundation)
        self._when_deployed(foundation)

    def _schedule(self, foundation: Foundation) -> None:
        group = Stack.of(self).format_arn(
            service="scheduler", resource="schedule-group", resource_name="default"
        )
        role = ServiceRole(self, "SchedulerRole", service="scheduler.amazonaws.com", source_arn=group)
        # EventBridge Scheduler writes its dead letters as this role, into an encrypted queue.
        grant_use(foundation.key, role, writes=True)
        scheduler.Schedule(
            self,
            "Schedule",
            description="rootwarden: audits every account of the organization",
            schedule=scheduler.ScheduleExpression.expression(foundation.configuration.sweep.schedule),
            target=targets.StepFunctionsStartExecution(
                self.machine,
                role=role,
                input=scheduler.ScheduleTargetInput.from_object({}),
                dead_letter_queue=self.not_started,
                max_event_age=Duration.hours(1),
                retry_attempts=10,
            ),
        )

    def _when_deployed(self, foundation: Foundation) -> None:
        """Sweep as soon as the organization's stack is there, and after each change of it."""
        rules = Stack.of(self).format_arn(
            service="events", resource="rule", resource_name=f"{foundation.bus.event_bus_name}/*"
        )
        role = ServiceRole(self, "DeployedRole", service="events.amazonaws.com", source_arn=rules)
        grant(role, "StartSweep", ["states:StartExecution"], [self.machine.state_machine_arn])
        EventRule(
            self,
            ORGANIZATION_DEPLOYED.name,
            pattern=with_prefix(ORGANIZATION_DEPLOYED, foundation.configuration.name_prefix),
            bus=foundation.bus,
            account=foundation.configuration.management_account_id,
            target_arn=self.machine.state_machine_arn,
            undelivered=self.not_started,
            role=role,
        )
