"""A rule with one target and that target's dead-letter queue."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from rootwarden.contract.pattern import EventPattern
from stacks.constructs.queues import EventQueue


class EventRule(Construct):
    """Sends every event of one pattern, whole, to one target.

    On CDK's Rule neither the state that takes read-only calls nor a queue policy pinned to the rule
    (with an encrypted queue) can be had, so this is the CloudFormation resource.
    """

    def __init__(  # noqa: PLR0913 - a rule is a pattern, a bus and a target; nothing groups them
        self,
        scope: Construct,
        construct_id: str,
        *,
        pattern: EventPattern,
        target_arn: str,
        undelivered: EventQueue,
        bus: events.IEventBus | None = None,
        account: str | None = None,
        role: iam.IRole | None = None,
    ) -> None:
        """Create the rule on `bus` (the default bus without one), pinned to `account` if given."""
        super().__init__(scope, construct_id)
        self.rule = events.CfnRule(
            self,
            "Rule",
            description=pattern.reason[:512],
            event_bus_name=bus.event_bus_name if bus else None,
            event_pattern=pattern.document(account=account),
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if pattern.read_only_calls else "ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="Target",
                    arn=target_arn,
                    role_arn=role.role_arn if role else None,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=undelivered.queue_arn),
                )
            ],
        )
        self.grant_send(undelivered)

    def grant_send(self, queue: EventQueue) -> None:
        """Let this rule send to `queue`."""
        queue.admit(self.rule.attr_arn)
