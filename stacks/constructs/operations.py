"""How whoever runs rootwarden sees that it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from stacks.constructs.alarms import (
    watch_asked_functions,
    watch_functions,
    watch_outcomes,
    watch_queues,
    watch_sessions,
    watch_sweeps,
)
from stacks.constructs.dashboard import Dashboard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks.constructs.foundation import Foundation
    from stacks.constructs.organization_sweep import OrganizationSweep
    from stacks.constructs.python_function import PythonFunction
    from stacks.constructs.queued_function import QueuedFunction
    from stacks.constructs.queues import DeadLetterQueue


class Operations(Construct):
    """One dashboard, and alarms to the alert topic."""

    def __init__(  # noqa: PLR0913 - each is another kind of thing to watch
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        work: Sequence[QueuedFunction],
        sweep: OrganizationSweep,
        asked: Sequence[PythonFunction],
        dead_letters: Sequence[DeadLetterQueue],
    ) -> None:
        """Watch over all of it; `asked` are functions that people invoke. `dashboard` shows it."""
        super().__init__(scope, construct_id)
        functions = [*(queued.function for queued in work), *sweep.functions.all]
        self.dashboard = Dashboard(
            self,
            "Dashboard",
            work=work,
            functions=[*functions, *asked],
            sweep=sweep,
            dead_letters=[sweep.not_started, *dead_letters],
        )
        watch_queues(work, alerts=foundation.alerts)
        watch_functions(self, functions, alerts=foundation.alerts)
        watch_asked_functions(self, asked, alerts=foundation.alerts)
        watch_outcomes(self, alerts=foundation.alerts)
        watch_sessions(self, alerts=foundation.alerts)
        watch_sweeps(
            sweep,
            hours_until_missed=foundation.configuration.sweep.hours_until_missed,
            alerts=foundation.alerts,
        )
