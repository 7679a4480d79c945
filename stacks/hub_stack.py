"""The hub: where events are decided on."""

from collections.abc import Sequence

from aws_cdk import Environment, Stack
from constructs import Construct

from stacks.configuration.configuration import Configuration
from stacks.constructs.account_changes import Hardening, Leaving
from stacks.constructs.alarms import AlertTopic
from stacks.constructs.approval import UNLOCK_BUCKET, UNLOCK_QUEUE, Approvals, open_recovery
from stacks.constructs.bus import Bus
from stacks.constructs.encryption_key import encryption_key
from stacks.constructs.foundation import Foundation
from stacks.constructs.notification import Notification
from stacks.constructs.operations import Operations
from stacks.constructs.operator_outputs import OperatorOutputs
from stacks.constructs.organization_sweep import OrganizationSweep
from stacks.constructs.python_function import DependencyLayer
from stacks.constructs.queued_function import Inbox
from stacks.constructs.recovery import Recovery
from stacks.constructs.root_activity import RootActivity
from stacks.constructs.routes import Routes
from stacks.constructs.standards import described
from stacks.constructs.state_table import StateTable
from stacks.constructs.task_sessions import TaskSessions


class HubStack(Stack):
    """Composes the hub in its account and Region; holds no resources itself."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        super().__init__(
            scope,
            construct_id,
            description=described("hardens new accounts and alerts on the use of root"),
            env=Environment(account=configuration.hub_account_id, region=configuration.hub_region),
        )
        foundation = self._foundation(configuration)
        self._hardening = Hardening(self, "Hardening", foundation=foundation)
        self._leaving = Leaving(self, "Leaving", foundation=foundation)
        self._recovery = Recovery(self, "Recovery", foundation=foundation)
        self._activity = RootActivity(self, "RootActivity", foundation=foundation)
        taking = (self._hardening.queued, self._leaving.queued, *self._activity.inboxes)
        self._notification = Notification(self, "Notification", foundation=foundation)
        inboxes = (*taking, self._notification.queued)
        self._sweep = OrganizationSweep(
            self,
            "OrganizationSweep",
            foundation=foundation,
            close_recovery=self._recovery.close_recovery,
            queues=[inbox.queue for inbox in taking],
            inboxes=inboxes,
        )
        self._unlocking = TaskSessions(self, "TaskSessions", foundation=foundation, bucket=self._sweep.bucket)
        own = [part.sessions for part in (self._hardening, self._sweep.functions, self._recovery)]
        self._activity.sanction([*own, *self._unlocking.sessions])
        Routes(self, "Routes", foundation=foundation)
        operations = self._operations(foundation, inboxes)
        outputs = OperatorOutputs(
            self, "Outputs", foundation=foundation, sweep=self._sweep, dashboard=operations.dashboard
        )
        self._output(outputs)
        if configuration.approval.is_required:
            outputs.add_approvals(self._approvals(foundation).document_names)

    def _foundation(self, configuration: Configuration) -> Foundation:
        key = encryption_key(self, "Key", arn=configuration.kms_key_arn)
        return Foundation(
            configuration=configuration,
            key=key,
            bus=Bus(self, "Bus", configuration=configuration),
            state=StateTable(self, "State"),
            alerts=AlertTopic(
                self,
                "Alerts",
                emails=configuration.alert_emails,
                runbook_url=configuration.runbook_url,
                key=key,
            ),
            layer=DependencyLayer(self, "Dependencies"),
        )

    def _operations(self, foundation: Foundation, inboxes: Sequence[Inbox]) -> Operations:
        queued = (self._hardening, self._activity, self._leaving, self._notification)
        asked = [self._recovery.open_recovery, self._recovery.close_recovery, *self._unlocking.functions]
        return Operations(
            self,
            "Operations",
            foundation=foundation,
            inboxes=inboxes,
            queued=[part.queued.function for part in queued],
            sweep=self._sweep,
            asked=asked,
            dead_letters=[self._recovery.not_closed],
        )

    def _output(self, outputs: OperatorOutputs) -> None:
        outputs.add_asked(
            HardenAccount=self._hardening.queued.function,
            AuditAccounts=self._sweep.functions.audit_accounts,
            CollectUndelivered=self._sweep.functions.collect_undelivered,
            OpenRecovery=self._recovery.open_recovery,
            CloseRecovery=self._recovery.close_recovery,
            UnlockBucket=self._unlocking.unlock_bucket,
            UnlockQueue=self._unlocking.unlock_queue,
        )
        outputs.add_functions(
            WriteReport=self._sweep.functions.write_report,
            AssessRootActivity=self._activity.queued.function,
            Notify=self._notification.queued.function,
        )
        outputs.add_logs(
            HardenAccount=self._hardening.queued.function,
            OpenRecovery=self._recovery.open_recovery,
            CloseRecovery=self._recovery.close_recovery,
            AssessRootActivity=self._activity.queued.function,
            Notify=self._notification.queued.function,
        )
        outputs.add_queues(
            HardenAccount=self._hardening.queued,
            AssessRootActivity=self._activity.queued,
            RefusedSessions=self._activity.refused_sessions,
            ForgetAccount=self._leaving.queued,
            Notify=self._notification.queued,
        )
        outputs.add_schedules(sweep=self._sweep.not_started, recovery=self._recovery.not_closed)

    def _approvals(self, foundation: Foundation) -> Approvals:
        approvals = Approvals(self, "Approvals", foundation=foundation)
        hours = foundation.configuration.recovery.max_hours
        approvals.require(open_recovery(hours), self._recovery.open_recovery)
        approvals.require(UNLOCK_BUCKET, self._unlocking.unlock_bucket)
        approvals.require(UNLOCK_QUEUE, self._unlocking.unlock_queue)
        return approvals
