"""What the hub is made of: `rootctl` and scripts find every part by these outputs of its stack."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from rootwarden.contract.functions import Caller
from rootwarden.contract.settings import written
from stacks.configuration.configuration import Configuration
from stacks.constructs.foundation import Foundation
from stacks.constructs.organization_sweep import OrganizationSweep
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queued_function import Inbox


class OperatorOutputs(Construct):
    """The stack's outputs, by names that stay."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        sweep: OrganizationSweep,
        dashboard: cloudwatch.Dashboard,
    ) -> None:
        """Output what there is one of; functions, queues and documents are added."""
        super().__init__(scope, construct_id)
        self._output("BusName", foundation.bus.event_bus_name, "The bus outcomes are on")
        self._output("StateTableName", foundation.state.table_name, "What functions remember")
        self._output("EvidenceBucketName", sweep.bucket.bucket_name, "Where reports and saved policies are")
        self._output("SweepMachineArn", sweep.machine.state_machine_arn, "The sweep's state machine")
        hours = str(foundation.configuration.sweep.hours_until_missed)
        self._output("SweepMissedAfterHours", hours, "How old the last sweep may be")
        self._output(
            "OwnerTag", foundation.configuration.owner_tag, "The accounts' tag that names their owner"
        )
        self._output("AlertTopicArn", foundation.alerts.topic_arn, "Where e-mails and alarms come from")
        emails = written(foundation.configuration.alert_emails)
        self._output("AlertEmails", emails, "Who is to be subscribed there, as JSON")
        self._add_member_forwarding(foundation.configuration)
        self._output("DashboardName", dashboard.dashboard_name, "The CloudWatch dashboard")

    def _add_member_forwarding(self, configuration: Configuration) -> None:
        """Name what members are to forward from: what CloudFormation names of it is what is still there."""
        units = configuration.units_by_stack_set
        forwarding = {
            "regions": configuration.forwarding_regions,
            "stackSets": [{"name": name, "units": found} for name, found in units.items()],
        }
        text = "Regions that members forward from, and their StackSets, as JSON"
        self._output("MemberForwarding", written(forwarding), text)

    def add_asked(self, **functions: PythonFunction) -> None:
        """Name functions that take requests, as <Name>Function. People invoke them by the alias person."""
        for function in functions.values():
            function.alias_of(Caller.PERSON)
        self.add_functions(**functions)

    def add_functions(self, **functions: lambda_.IFunction) -> None:
        """Name functions whose settings operators look at, as <Name>Function."""
        for name, function in functions.items():
            self._output(f"{name}Function", function.function_name, "The function's name")

    def add_logs(self, **functions: lambda_.Function) -> None:
        """Name the log group of functions whose log says what became of an event, in one output."""
        groups = {name: function.log_group.log_group_name for name, function in functions.items()}
        text = Stack.of(self).to_json_string(groups)
        self._output("FunctionLogs", text, "Log groups by function, as JSON")

    def add_queues(self, **inboxes: Inbox) -> None:
        """Name a queue and where what nobody could handle waits, as <Name>Queues."""
        for name, inbox in inboxes.items():
            dead_letters, undelivered = inbox.dead_letter_queues
            urls = {
                "queue": inbox.queue.queue_url,
                "deadLetters": dead_letters.queue_url,
                "undelivered": undelivered.queue_url,
            }
            self._output(f"{name}Queues", Stack.of(self).to_json_string(urls), "URLs of its queues, as JSON")

    def add_schedules(self, **dead_letters: sqs.IQueue) -> None:
        """Name where it waits what a schedule could not start."""
        urls = {name: queue.queue_url for name, queue in dead_letters.items()}
        text = Stack.of(self).to_json_string(urls)
        self._output(
            "ScheduleDeadLetters", text, "URLs of queues with what schedules could not start, as JSON"
        )

    def add_approvals(self, documents: Mapping[str, str]) -> None:
        """Name the document that asks for approval, by the name of each function that needs one."""
        text = Stack.of(self).to_json_string(dict(documents))
        self._output("ApprovalDocuments", text, "Which document asks for approval before which function")

    def _output(self, name: str, value: str, description: str) -> None:
        CfnOutput(self, name, value=value, description=description).override_logical_id(name)
