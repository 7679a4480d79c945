"""What belongs to the organization as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Environment, Stack

from stacks.config import GLOBAL_SERVICES_REGION
from stacks.constructs.alert_topic import AlertTopic
from stacks.constructs.bus import hub_bus
from stacks.constructs.deny_root import DenyRoot
from stacks.constructs.enabling import Enabling
from stacks.constructs.forwarding import Forwarding
from stacks.constructs.member_forwarding import MemberForwarding
from stacks.enabling_calls import enabling_calls
from stacks.event_patterns import (
    ACCOUNT_JOINED,
    ACCOUNT_LEFT,
    ORGANIZATION_DEPLOYED,
    TAMPERING,
    root_activity,
)
from stacks.forwarding_stack import member_template

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.config import Configuration


class OrganizationStack(Stack):
    """Composes the management account's part, in us-east-1: root access on, events to the hub."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """Put the constructs together."""
        super().__init__(
            scope,
            construct_id,
            description="rootwarden: centralized root access, and the organization's events",
            env=Environment(account=configuration.management_account_id, region=GLOBAL_SERVICES_REGION),
        )
        self._enable(configuration)
        self._forward(configuration)
        if configuration.deny_root_organizational_units:
            DenyRoot(
                self,
                "DenyRoot",
                organizational_units=configuration.deny_root_organizational_units,
            )

    def _enable(self, configuration: Configuration) -> None:
        enabling = Enabling(
            self,
            "Enabling",
            calls=enabling_calls(self, configuration=configuration),
            log_retention_days=configuration.log_retention_days,
        )
        members = MemberForwarding(
            self,
            "Members",
            configuration=configuration,
            template=member_template(configuration=configuration),
        )
        members.node.add_dependency(enabling)

    def _forward(self, configuration: Configuration) -> None:
        Forwarding(
            self,
            "Forwarding",
            patterns=(
                *ACCOUNT_JOINED,
                *ACCOUNT_LEFT,
                *TAMPERING,
                ORGANIZATION_DEPLOYED,
                *root_activity(read_only_calls=configuration.forward_read_only_calls),
            ),
            hub_bus=hub_bus(self, "HubBus", configuration=configuration),
            alerts=AlertTopic(self, "Alerts", emails=configuration.alert_emails),
        )
