"""How whoever runs rootwarden sees that it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from stacks.constructs.alarms import watch_functions, watch_queues, watch_sweeps
from stacks.constructs.dashboard import Dashboard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.constructs.foundation import Foundation
    from stacks.constructs.organization_sweep import OrganizationSweep
    from stacks.constructs.queued_function import QueuedFunction


class Operations(Construct):
    """One dashboard, and alarms to the alert topic."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        work: Sequence[QueuedFunction],
        sweep: OrganizationSweep,
    ) -> None:
        """Watch over queues, functions and sweeps."""
        super().__init__(scope, construct_id)
        swept = sweep.functions
        functions = [
            *(queued.function for queued in work),
            *(swept.list_accounts, swept.audit_accounts, swept.write_report),
        ]
        Dashboard(self, "Dashboard", work=work, functions=functions, sweep=sweep)
        watch_queues(work, alerts=foundation.alerts)
        watch_functions(self, functions, alerts=foundation.alerts)
        watch_sweeps(
            sweep,
            hours_until_missed=foundation.configuration.sweep.hours_until_missed,
            alerts=foundation.alerts,
        )
