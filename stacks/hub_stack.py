"""The hub: where events are decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Environment, Stack

from stacks.approval_runbooks import UNLOCK_BUCKET, UNLOCK_QUEUE, open_recovery
from stacks.constructs.alert_topic import AlertTopic
from stacks.constructs.approval import Approvals
from stacks.constructs.bus import Bus
from stacks.constructs.encryption_key import EncryptionKey
from stacks.constructs.foundation import Foundation
from stacks.constructs.hardening import Hardening
from stacks.constructs.leaving import Leaving
from stacks.constructs.notification import Notification
from stacks.constructs.operations import Operations
from stacks.constructs.operator_outputs import OperatorOutputs
from stacks.constructs.organization_sweep import OrganizationSweep
from stacks.constructs.python_function import DependencyLayer
from stacks.constructs.recovery import Recovery
from stacks.constructs.root_activity import RootActivity
from stacks.constructs.state_table import StateTable
from stacks.constructs.task_sessions import TaskSessions

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.config import Configuration


class HubStack(Stack):
    """Composes the hub in its account and Region; holds no resources itself."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """Put the constructs together."""
        super().__init__(
            scope,
            construct_id,
            description="rootwarden: hardens new accounts and alerts on the use of root",
            env=Environment(account=configuration.hub_account_id, region=configuration.hub_region),
        )
        key = EncryptionKey(self, "Key")
        foundation = Foundation(
            configuration=configuration,
            key=key,
            bus=Bus(self, "Bus", configuration=configuration),
            state=StateTable(self, "State"),
            alerts=AlertTopic(self, "Alerts", emails=configuration.alert_emails, key=key),
            layer=DependencyLayer(self, "Dependencies"),
        )
        hardening = Hardening(self, "Hardening", foundation=foundation)
        recovery = Recovery(self, "Recovery", foundation=foundation)
        sweep = OrganizationSweep(
            self, "OrganizationSweep", foundation=foundation, close_recovery=recovery.close_recovery
        )
        unlocking = TaskSessions(self, "TaskSessions", foundation=foundation, bucket=sweep.bucket)
        sanctioned = [part.sessions for part in (hardening, sweep.functions, recovery)] + unlocking.sessions
        activity = RootActivity(self, "RootActivity", foundation=foundation, sanctioned=sanctioned)
        leaving = Leaving(self, "Leaving", foundation=foundation)
        notification = Notification(self, "Notification", foundation=foundation)
        work = [part.work for part in (hardening, activity, leaving, notification)]
        operations = Operations(
            self,
            "Operations",
            foundation=foundation,
            work=work,
            sweep=sweep,
            asked=[recovery.open_recovery, recovery.close_recovery, *unlocking.functions],
            dead_letters=[recovery.not_closed],
        )
        outputs = OperatorOutputs(
            self, "Outputs", foundation=foundation, sweep=sweep, dashboard=operations.dashboard
        )
        outputs.tell_functions(
            HardenAccount=hardening.work.function,
            AuditAccounts=sweep.functions.audit_accounts,
            OpenRecovery=recovery.open_recovery,
            CloseRecovery=recovery.close_recovery,
            UnlockBucket=unlocking.unlock_bucket,
            UnlockQueue=unlocking.unlock_queue,
            AssessRootActivity=activity.work.function,
            Notify=notification.work.function,
        )
        outputs.tell_queues(
            HardenAccount=hardening.work,
            AssessRootActivity=activity.work,
            ForgetAccount=leaving.work,
            Notify=notification.work,
        )
        outputs.tell_schedules(sweep=sweep.not_started, recovery=recovery.not_closed)
        if configuration.approval.is_required:
            approvals = Approvals(self, "Approvals", foundation=foundation)
            hours = configuration.recovery.max_hours
            approvals.require(open_recovery(hours), recovery.open_recovery)
            approvals.require(UNLOCK_BUCKET, unlocking.unlock_bucket)
            approvals.require(UNLOCK_QUEUE, unlocking.unlock_queue)
            outputs.tell_approvals(approvals.document_names)
