"""A queue that rules send to."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs


class EventQueue(sqs.Queue):
    """Lets in the rules that aim at it, each by its ARN, and no other."""

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        """Create the queue; the properties are those of any."""
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
