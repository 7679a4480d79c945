"""Queues: of functions, of dead letters, and of what could not be delivered."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.configuration.configuration import Configuration
from stacks.constructs.alarms import Alarm, AlertTopic
from stacks.constructs.grants import acknowledge

# Fixed, so that the hub finds the queue in every account and Region, and the queue knows who may come.
QUEUE_NAME = "rootwarden-undelivered"
COLLECTOR_ROLE_NAME = "rootwarden-collect-undelivered"
_SEND_BACK = (
    "it holds events that no one has dealt with: read one to see why, fix the cause, then send them back"
)


class EventQueue(sqs.Queue):
    """Lets in the rules that aim at it, each by its ARN, and no other."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self._rules: list[str] = []
        self._from_rules = iam.PolicyStatement(
            sid="FromRules",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[self.queue_arn],
        )

    def admit(self, rule_arn: str) -> None:
        """Let a rule send.

        All stand in one statement: SQS takes 20 statements and 10 conditions in a policy, and there are
        more rules. Their ARNs fit into its 8,192 bytes up to about 60 rules, which a test watches.
        """
        if not self._rules:
            self.add_to_resource_policy(self._from_rules)
        self._rules.append(rule_arn)
        self._from_rules.add_condition("ArnEquals", {"aws:SourceArn": list(self._rules)})


class DeadLetterQueue(EventQueue):
    """A queue that should stay empty, and says so to `alerts` when it does not."""

    def __init__(  # noqa: PLR0913 - what makes one queue and its alarm differ from the next
        self,
        scope: Construct,
        construct_id: str,
        *,
        queue_name: str | None = None,
        key: kms.IKey | None = None,
        alerts: AlertTopic | None = None,
        because: str = _SEND_BACK,
        entry: str | None = None,
    ) -> None:
        """Create the queue; without `key` SQS encrypts it itself. because, entry: see Alarm."""
        super().__init__(
            scope,
            construct_id,
            queue_name=queue_name,
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=key,
            enforce_ssl=True,
        )
        if alerts:
            Alarm(
                self,
                "NotEmpty",
                metric=self.metric_approximate_number_of_messages_visible(
                    period=Duration.minutes(1), statistic="Maximum"
                ),
                because=because,
                alerts=alerts,
                place=self.node.path,
                entry=entry,
            )


class UndeliveredQueue(DeadLetterQueue):
    """A dead-letter queue of rules' targets rather than of a queue."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        acknowledge(
            self,
            "AwsSolutions-SQS3",
            "It is a dead-letter queue itself; cdk-nag knows those of queues only.",
        )


class ForwardingQueue(UndeliveredQueue):
    """Lets one role of the hub take events out, and the hub's operators see how many wait.

    Neither SQS nor EventBridge can do it: SQS moves back only what came from another queue, and PutEvents
    takes no events in AWS's name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        alerts: AlertTopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, queue_name=configuration.named(QUEUE_NAME), alerts=alerts)
        hub = iam.AccountPrincipal(configuration.hub_account_id)
        name = f"{configuration.role_path}{configuration.named(COLLECTOR_ROLE_NAME)}"
        role = f"arn:{Stack.of(self).partition}:iam::{configuration.hub_account_id}:role{name}"
        self._allow("HubOperators", hub, ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"])
        # A role named as principal must exist already; as a condition it may come later.
        collector = hub.with_conditions({"ArnEquals": {"aws:PrincipalArn": role}})
        self._allow("HubCollector", collector, ["sqs:ReceiveMessage", "sqs:DeleteMessage"])

    def _allow(self, sid: str, principal: iam.IPrincipal, actions: list[str]) -> None:
        self.add_to_resource_policy(
            iam.PolicyStatement(sid=sid, principals=[principal], actions=actions, resources=[self.queue_arn])
        )
