"""How people see that rootwarden works: a dashboard, and alarms beside those of dead letters."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.constructs.alarms import Alarm, AlertTopic
from stacks.constructs.dashboard import Dashboard
from stacks.constructs.foundation import Foundation
from stacks.constructs.metrics import (
    OwnMetrics,
    function_errors,
    more_waiting,
    oldest_message,
    sweep_failures,
)
from stacks.constructs.organization_sweep import OrganizationSweep
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queued_function import Inbox
from stacks.constructs.queues import DeadLetterQueue

_HOUR = Duration.hours(1)
# What a sweep found, by alarm: the metric, and why people are called. It holds until the next sweep looks.
_FOUND_BY_SWEEPS = {
    "PathsLost": (
        "PathsLost",
        "root events of an account and Region arrived once, and no longer did at two probes in a row",
    ),
    "FeaturesOff": (
        "FeaturesOff",
        "the last sweep found IAM's trusted access or a root access feature switched off",
    ),
    "UndeliveredInMembers": (
        "UndeliveredInMembers",
        "the last sweep found events that accounts could not send to the hub; its report says why",
    ),
    "Unreached": (
        "RecipientsUnreached",
        "the last sweep found addresses of alert_emails that are not subscribed, or not confirmed",
    ),
}


class Operations(Construct):
    """One dashboard, and alarms to the alert topic."""

    def __init__(  # noqa: PLR0913 - each is another kind of thing to watch
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        inboxes: Sequence[Inbox],
        queued: Sequence[PythonFunction],
        sweep: OrganizationSweep,
        asked: Sequence[PythonFunction],
        dead_letters: Sequence[DeadLetterQueue],
    ) -> None:
        """Watch over all of it: `queued` are behind `inboxes`, people invoke `asked`.

        `dashboard` shows it.
        """
        super().__init__(scope, construct_id)
        self._own = OwnMetrics(foundation.configuration)
        functions = [*queued, *sweep.functions.all]
        self.dashboard = Dashboard(
            self,
            "Dashboard",
            own=self._own,
            inboxes=inboxes,
            functions=[*functions, *asked],
            sweep=sweep,
            dead_letters=[sweep.not_started, *dead_letters],
        )
        self._watch_functions(functions, asked, foundation.alerts)
        _watch_queues(inboxes, foundation.alerts)
        self._ring_again(inboxes, (sweep.not_started, *dead_letters), foundation.alerts)
        _watch_sweeps(sweep, self._own, foundation.alerts)

    def _ring_again(
        self, inboxes: Sequence[Inbox], others: Sequence[DeadLetterQueue], alerts: AlertTopic
    ) -> None:
        """Call people for further dead letters: the alarm of the first is on until its queue is empty."""
        given_up, undelivered = zip(*(inbox.dead_letter_queues for inbox in inboxes), strict=True)
        for name, queues in {"MoreDeadLetters": given_up, "MoreUndelivered": (*undelivered, *others)}.items():
            Alarm(
                self,
                name,
                metric=more_waiting(queues),
                because="a queue that already held events no one has dealt with holds more of them now",
                alerts=alerts,
                # CloudWatch gets a minute's count late, and until then FILL says 0 of it.
                periods=5,
                breaching=1,
            )

    def _watch_functions(
        self, functions: Sequence[PythonFunction], asked: Sequence[PythonFunction], alerts: AlertTopic
    ) -> None:
        # Single errors are tried again anyway.
        Alarm(
            self,
            "FunctionErrors",
            metric=function_errors(functions),
            because="functions crashed or timed out in two of the last three periods of five minutes",
            alerts=alerts,
            periods=3,
            breaching=2,
        )
        # What such a function left undone is for a person.
        Alarm(
            self,
            "RequestErrors",
            metric=function_errors(asked),
            because="a function that opens, closes or unlocks on request crashed or timed out",
            alerts=alerts,
        )
        # The next look makes up for a single one.
        Alarm(
            self,
            "LooksFailed",
            metric=self._own.looks_failed(),
            because="AWS refused looks for what was not ended in two of the last three periods of 5 minutes",
            alerts=alerts,
            periods=3,
            breaching=2,
        )
        # The bus is how people hear of anything else.
        Alarm(
            self,
            "NotAnnounced",
            metric=self._own.outcomes_not_published(),
            because="EventBridge did not take an outcome: what was done or found is in a function's log only",
            alerts=alerts,
        )


def _watch_queues(inboxes: Sequence[Inbox], alerts: AlertTopic) -> None:
    for each in inboxes:
        # SQS no longer counts messages that were tried three times.
        Alarm(
            each,
            "OldMessages",
            metric=oldest_message(each.queue),
            because="a message has waited for an hour: its function fails, or does not keep up",
            alerts=alerts,
            threshold=_HOUR.to_seconds(),
        )


def _watch_sweeps(sweep: OrganizationSweep, own: OwnMetrics, alerts: AlertTopic) -> None:
    hours_until_missed = own.configuration.sweep.hours_until_missed
    Alarm(
        sweep,
        "Failed",
        metric=sweep_failures(sweep.machine),
        because="a sweep of the organization ended without a report",
        alerts=alerts,
    )
    Alarm(
        sweep,
        "Missing",
        metric=own.of_function("write_report", "SweepCompleted", statistic="Sum", period=_HOUR),
        because=f"no sweep of the organization was completed for {hours_until_missed} hours",
        alerts=alerts,
        comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        periods=hours_until_missed,
        missing=cloudwatch.TreatMissingData.MISSING,
    )
    for name, (metric, because) in _FOUND_BY_SWEEPS.items():
        Alarm(
            sweep,
            name,
            metric=own.of_function("write_report", metric, statistic="Maximum", period=_HOUR),
            because=because,
            alerts=alerts,
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
