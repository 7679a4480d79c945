"""One page that shows whether the organization is free of root credentials, and whether that is watched."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.metrics import OwnMetrics, function_errors, oldest_message, sweep_failures
from stacks.constructs.organization_sweep import OrganizationSweep
from stacks.constructs.queued_function import Inbox
from stacks.constructs.queues import DeadLetterQueue

_DAY, _HOUR = Duration.days(1), Duration.hours(1)
_SEVERITIES = {
    "critical": "#7f1d1d",
    "high": "#dc2626",
    "medium": "#f59e0b",
    "low": "#60a5fa",
    "info": "#9ca3af",
}
_POSTURE = {"AccountsExposed": "#dc2626", "AccountsUnreachable": "#f59e0b", "AccountsClean": "#16a34a"}


class Dashboard(cloudwatch.Dashboard):
    """Posture first, then what was done, then how the machinery is."""

    def __init__(  # noqa: PLR0913 - each is another kind of thing to show
        self,
        scope: Construct,
        construct_id: str,
        *,
        own: OwnMetrics,
        inboxes: Sequence[Inbox],
        functions: Sequence[lambda_.IFunction],
        sweep: OrganizationSweep,
        dead_letters: Sequence[DeadLetterQueue],
    ) -> None:
        """Show the functions, their queues, other `dead_letters` and the sweep."""
        super().__init__(
            scope,
            construct_id,
            dashboard_name=own.configuration.named("rootwarden"),
            default_interval=Duration.days(14),
        )
        self.add_widgets(*_posture(own))
        self.add_widgets(*_activity(own))
        self.add_widgets(*_machinery(inboxes, functions, sweep, dead_letters))


def _posture(own: OwnMetrics) -> list[cloudwatch.IWidget]:
    accounts = [
        own.of_function("write_report", name, statistic="Maximum", period=_DAY).with_(
            label=name.removeprefix("Accounts").lower(), color=color
        )
        for name, color in _POSTURE.items()
    ]
    sweeps = own.of_function("write_report", "SweepCompleted", statistic="Sum", period=_DAY)
    off = own.of_function("write_report", "FeaturesOff", statistic="Maximum", period=_DAY)
    silent = own.of_function("write_report", "PathsSilent", statistic="Maximum", period=_DAY)
    return [
        cloudwatch.GraphWidget(
            title="Accounts, as the sweeps found them", left=accounts, stacked=True, width=12
        ),
        cloudwatch.SingleValueWidget(title="Last sweep", metrics=accounts, width=6, height=6),
        cloudwatch.GraphWidget(
            title="Sweeps completed, features off, silent alarm paths",
            left=[
                sweeps.with_(label="sweeps"),
                off.with_(label="features off", color="#dc2626"),
                silent.with_(label="silent paths", color="#f59e0b"),
            ],
            width=6,
        ),
    ]


def _activity(own: OwnMetrics) -> list[cloudwatch.IWidget]:
    def seconds(statistic: str, label: str) -> cloudwatch.Metric:
        name = "SecondsFromEventToHardened"
        return own.of_function("harden_account", name, statistic=statistic, period=_HOUR).with_(label=label)

    hardened = own.of_function("harden_account", "AccountsHardened", statistic="Sum", period=_DAY)
    alerts = [
        own.of_function(
            "assess_root_activity", "Alerts", statistic="Sum", period=_DAY, severity=severity
        ).with_(label=severity, color=color)
        for severity, color in _SEVERITIES.items()
    ]
    return [
        cloudwatch.GraphWidget(title="Accounts hardened", left=[hardened.with_(label="accounts")], width=6),
        cloudwatch.GraphWidget(
            title="Seconds from an account's event to its hardening",
            left=[seconds("p50", "median"), seconds("p90", "9 of 10"), seconds("Maximum", "longest")],
            width=6,
        ),
        cloudwatch.GraphWidget(title="Alerts of root activity", left=alerts, stacked=True, width=12),
    ]


def _machinery(
    inboxes: Sequence[Inbox],
    functions: Sequence[lambda_.IFunction],
    sweep: OrganizationSweep,
    dead_letters: Sequence[DeadLetterQueue],
) -> list[cloudwatch.IWidget]:
    ages = [oldest_message(each.queue, label=each.node.id) for each in inboxes]
    queues = [queue for each in inboxes for queue in each.dead_letter_queues]
    dead = [
        queue.metric_approximate_number_of_messages_visible(
            statistic="Maximum", period=Duration.minutes(5), label="/".join(queue.node.path.split("/")[-2:])
        )
        for queue in (*queues, *dead_letters)
    ]
    return [
        cloudwatch.GraphWidget(title="Age of the oldest message, in seconds", left=ages, width=8),
        cloudwatch.GraphWidget(title="Dead letters", left=dead, width=8),
        cloudwatch.GraphWidget(
            title="Errors", left=[function_errors(functions), sweep_failures(sweep.machine)], width=8
        ),
    ]
