"""Queues, the function behind them, and what happens to what neither can handle."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from rootwarden.contract.functions import TIME_LIMITS, Caller
from rootwarden.contract.names import with_prefix
from rootwarden.contract.pattern import EventAccount, EventPattern
from rootwarden.contract.rule_digests import rule_digest
from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.event_rule import EventRule
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import grant
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.queues import DeadLetterQueue, EventQueue, UndeliveredQueue


class Inbox(Construct):
    """A queue that rules put events on, and what becomes of those that nobody can handle.

    A message given up after `max_receive_count` tries waits in DeadLetters; an event a rule could
    not put on the queue waits in Undelivered.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        max_receive_count: int,
        foundation: Foundation,
    ) -> None:
        """Create the queue for the function `name`; `rules` has each rule's digest by its pattern's name."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        key, alerts = foundation.key, foundation.alerts
        dead_letters = DeadLetterQueue(self, "DeadLetters", key=key, alerts=alerts)
        self._undelivered = UndeliveredQueue(self, "Undelivered", key=key, alerts=alerts)
        self.dead_letter_queues = (dead_letters, self._undelivered)
        self.rules: dict[str, str] = {}
        self.own_account_rules: dict[str, str] = {}
        self.queue = EventQueue(
            self,
            "Queue",
            # Lambda's own advice: shorter, and a slow batch is handed out a second time.
            visibility_timeout=Duration.seconds(6 * TIME_LIMITS[name]),
            retention_period=Duration.days(foundation.configuration.queue_retention_days),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=max_receive_count, queue=dead_letters),
        )

    def subscribe(self, patterns: Sequence[EventPattern]) -> None:
        """Put every event of `patterns` on the queue, from the account it can come from."""
        configuration = self._foundation.configuration
        accounts = {
            EventAccount.MANAGEMENT_ACCOUNT: configuration.management_account_id,
            EventAccount.HUB_ACCOUNT: configuration.hub_account_id,
        }
        for plain in patterns:
            pattern = with_prefix(plain, configuration.name_prefix)
            account = accounts.get(pattern.origin)
            self._rule(pattern, on_bus=True, account=account)
            self.rules[pattern.name] = rule_digest(pattern, account)

    def watch_own_account(self, pattern: EventPattern) -> None:
        """Put events of this account's default bus on the queue, whatever becomes of the bus rootwarden."""
        pattern = with_prefix(pattern, self._foundation.configuration.name_prefix)
        self._rule(pattern, on_bus=False)
        self.own_account_rules[pattern.name] = rule_digest(pattern)

    def _rule(self, pattern: EventPattern, *, on_bus: bool, account: str | None = None) -> None:
        rule = EventRule(
            self,
            pattern.name,
            pattern=pattern,
            bus=self._foundation.bus if on_bus else None,
            account=account,
            target_arn=self.queue.queue_arn,
            undelivered=self._undelivered,
        )
        rule.grant_send(self.queue)


class QueuedFunction(Inbox):
    """Events → queue → function."""

    def __init__(  # noqa: PLR0913 - what makes one queue and function differ from the next
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        batch_size: int,
        max_receive_count: int,
        foundation: Foundation,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Create queue and function; `settings` are what the handler reads beyond its queue."""
        super().__init__(
            scope, construct_id, name=name, max_receive_count=max_receive_count, foundation=foundation
        )
        self.function = PythonFunction(
            self,
            "Function",
            name=name,
            foundation=foundation,
            settings={
                "queue_url": self.queue.queue_url,
                "max_receive_count": max_receive_count,
                **(settings or {}),
            },
        )
        self.consume(self, batch_size=batch_size)

    @property
    def role(self) -> iam.Role:
        """The function's role, for constructs to grant on."""
        return self.function.own_role

    def grant_send_later(self) -> None:
        """Let the function put messages on its own queue, to come back to them.

        Lambda stops what sends to its own queue 16 times in a chain, unless it is told that this is meant:
        https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
        """
        grant(self.role, "SendLater", ["sqs:SendMessage"], [self.queue.queue_arn])
        cfn_resource(self.function, lambda_.CfnFunction).recursive_loop = "Allow"

    def consume(self, inbox: Inbox, *, batch_size: int, max_concurrency: int | None = None) -> None:
        """Have the function handle what is in an inbox, at most so many batches at once."""
        # CDK's SqsEventSource would grant more on the queue than reading needs.
        reading = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
        sid = "ReadQueue" if inbox is self else f"Read{inbox.node.id}"
        grant(self.role, sid, [f"sqs:{action}" for action in reading], [inbox.queue.queue_arn])
        alias = self.function.alias_of(Caller.QUEUE)
        source = lambda_.EventSourceMapping(
            inbox,
            "Source",
            target=alias,
            event_source_arn=inbox.queue.queue_arn,
            batch_size=batch_size,
            max_concurrency=max_concurrency,
            report_batch_item_failures=True,
        )
        # CDK would take the alias's name apart and put it together again.
        cfn_resource(source, lambda_.CfnEventSourceMapping).function_name = alias.function_arn
        # Lambda refuses a source its function may not read yet.
        source.node.add_dependency(self.role.node.find_child("DefaultPolicy"))
