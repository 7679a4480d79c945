"""A queue, the function that works it off, and what happens to what neither can handle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from rootwarden.contract.event_patterns import Origin
from stacks.constructs.deployed_rules import digest
from stacks.constructs.event_rule import EventRule
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queues import DeadLetterQueue, EventQueue, UndeliveredQueue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rootwarden.contract.event_patterns import EventPattern
    from stacks.constructs.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class Work:
    """How a queue is worked off."""

    handler: str
    timeout_seconds: int
    batch_size: int
    max_receive_count: int
    memory_size: int = 256


class QueuedFunction(Construct):
    """Events → queue → function.

    A message given up after `max_receive_count` tries waits in DeadLetters; an event a rule could
    not put on the queue waits in Undelivered.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        work: Work,
        environment: Mapping[str, str],
        foundation: Foundation,
    ) -> None:
        """Create queue and function; `environment` is what the handler needs beyond its queue.

        `rules` has the digest of each rule's pattern, by name.
        """
        super().__init__(scope, construct_id)
        self._foundation = foundation
        key, alerts = foundation.key, foundation.alerts
        self._dead_letters = DeadLetterQueue(self, "DeadLetters", key=key, alerts=alerts)
        self._undelivered = UndeliveredQueue(self, "Undelivered", key=key, alerts=alerts)
        self.rules: dict[str, str] = {}
        self.own_account_rules: dict[str, str] = {}
        self.queue = self._work_queue(work)
        self.function = self._function(work, environment)
        self._consume(work)

    @property
    def role(self) -> iam.Role:
        """The function's role, for constructs to grant on."""
        return self.function.own_role

    @property
    def dead_letter_queues(self) -> tuple[DeadLetterQueue, ...]:
        """Where messages given up and events not delivered wait."""
        return (self._dead_letters, self._undelivered)

    def subscribe(self, patterns: Sequence[EventPattern]) -> None:
        """Put every event of `patterns` on the queue, from the account it can come from."""
        configuration = self._foundation.configuration
        accounts = {
            Origin.MANAGEMENT_ACCOUNT: configuration.management_account_id,
            Origin.HUB_ACCOUNT: configuration.hub_account_id,
        }
        for pattern in patterns:
            rule = EventRule(
                self,
                pattern.name,
                pattern=pattern,
                bus=self._foundation.bus,
                account=accounts.get(pattern.origin),
                target_arn=self.queue.queue_arn,
                undelivered=self._undelivered,
            )
            rule.grant_send(self.queue)
            self.rules[pattern.name] = digest(pattern, accounts.get(pattern.origin))

    def watch_own_account(self, pattern: EventPattern) -> None:
        """Put events of this account's default bus on the queue, whatever becomes of the bus rootwarden."""
        rule = EventRule(
            self,
            pattern.name,
            pattern=pattern,
            target_arn=self.queue.queue_arn,
            undelivered=self._undelivered,
        )
        rule.grant_send(self.queue)
        self.own_account_rules[pattern.name] = digest(pattern)

    def grant_send_later(self) -> None:
        """Let the function put messages on its own queue, to come back to them."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                sid="SendLater", actions=["sqs:SendMessage"], resources=[self.queue.queue_arn]
            )
        )

    def _work_queue(self, work: Work) -> EventQueue:
        return EventQueue(
            self,
            "Queue",
            # Lambda's own advice: shorter, and a slow batch is handed out a second time.
            visibility_timeout=Duration.seconds(6 * work.timeout_seconds),
            retention_period=Duration.days(self._foundation.configuration.queue_retention_days),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=self._foundation.key,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                max_receive_count=work.max_receive_count, queue=self._dead_letters
            ),
        )

    def _function(self, work: Work, environment: Mapping[str, str]) -> PythonFunction:
        return PythonFunction(
            self,
            "Function",
            handler=work.handler,
            environment={
                "STATE_TABLE_NAME": self._foundation.state.table_name,
                "QUEUE_URL": self.queue.queue_url,
                "MAX_RECEIVE_COUNT": str(work.max_receive_count),
                **environment,
            },
            timeout=Duration.seconds(work.timeout_seconds),
            memory_size=work.memory_size,
            foundation=self._foundation,
        )

    def _consume(self, work: Work) -> None:
        # CDK's SqsEventSource would grant more on the queue than reading needs.
        self.role.add_to_policy(
            iam.PolicyStatement(
                sid="ReadQueue",
                actions=[
                    "sqs:ReceiveMessage",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ChangeMessageVisibility",
                ],
                resources=[self.queue.queue_arn],
            )
        )
        source = lambda_.EventSourceMapping(
            self,
            "Source",
            target=self.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=work.batch_size,
            report_batch_item_failures=True,
        )
        # Lambda refuses a source its function may not read yet.
        source.node.add_dependency(self.role.node.find_child("DefaultPolicy"))
