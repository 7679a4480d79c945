"""Events of one account and Region go to the hub."""

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from rootwarden.contract.event_patterns import (
    ACCOUNT_JOINED,
    ACCOUNT_LEFT,
    CONTROL_TOWER_ACCOUNT,
    ORGANIZATION_DEPLOYED,
    TAMPERING,
    root_activity,
)
from rootwarden.contract.names import with_prefix
from rootwarden.contract.pattern import EventPattern
from rootwarden.contract.regions import GLOBAL_SERVICES_REGION
from rootwarden.contract.watch_patterns import WATCH_IN_MANAGEMENT, WATCH_OF_ORGANIZATION, protecting_policies
from stacks.configuration.configuration import Configuration
from stacks.constructs.alarms import AlertTopic
from stacks.constructs.bus import hub_bus
from stacks.constructs.event_rule import EventRule
from stacks.constructs.grants import grant
from stacks.constructs.queues import ForwardingQueue


def management_patterns(
    region: str, configuration: Configuration, *, policies: Sequence[str] = ()
) -> tuple[EventPattern, ...]:
    """Return what the management account forwards from a Region; its organization's events are in one.

    `policies` are the ids of what protects root access, also where only CloudFormation knows them.
    """
    read_only = configuration.forward_read_only_calls
    activity = (*root_activity(read_only_calls=read_only), *WATCH_IN_MANAGEMENT)
    if region == GLOBAL_SERVICES_REGION:
        return (
            *(*ACCOUNT_JOINED, *ACCOUNT_LEFT, *TAMPERING, ORGANIZATION_DEPLOYED),
            *activity,
            *WATCH_OF_ORGANIZATION,
            *protecting_policies(policies),
        )
    return (
        *(activity if region in configuration.forwarding_regions else ()),
        *((CONTROL_TOWER_ACCOUNT,) if region == configuration.control_tower_home_region else ()),
    )


class Forwarding(Construct):
    """Rules on the default bus, a role that may do nothing but send, and a dead-letter queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        patterns: Sequence[EventPattern],
        configuration: Configuration,
        alerts: AlertTopic | None = None,
    ) -> None:
        """Send every event of `patterns` to the hub, and alert `alerts` to those that fail."""
        super().__init__(scope, construct_id)
        bus = hub_bus(self, "HubBus", configuration=configuration)
        undelivered = ForwardingQueue(
            self,
            "Undelivered",
            configuration=configuration,
            alerts=alerts,
        )
        role = self._role(bus)
        for pattern in patterns:
            EventRule(
                self,
                pattern.name,
                pattern=with_prefix(pattern, configuration.name_prefix),
                target_arn=bus.event_bus_arn,
                undelivered=undelivered,
                role=role,
            )

    def _role(self, bus: events.IEventBus) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "events.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        grant(role, "SendToHub", ["events:PutEvents"], [bus.event_bus_arn])
        return role
